//! What a tenant must not have, and attempts to get at others' data. Each runs through the wall on a
//! connection of its own, and nothing of the others may come back or change.

use crate::compare::contains;
use crate::runner::refusal;
use crate::session::{Address, Command, Outcome, Session};
use crate::store::{CANARY, Server};

/// Refused, whatever follows the name. QUIT ends a connection, and so no sequence has it.
const CLOSED: &[&str] = &[
    "BGREWRITEAOF",
    "BGSAVE",
    "SAVE",
    "DEBUG",
    "FAILOVER",
    "MIGRATE",
    "MODULE",
    "MONITOR",
    "MOVE",
    "PFDEBUG",
    "PFSELFTEST",
    "PSYNC",
    "SYNC",
    "REPLCONF",
    "REPLICAOF",
    "SLAVEOF",
    "RESTORE-ASKING",
    "SHUTDOWN",
    "SWAPDB",
];
/// Subcommands, and commands of newer servers, that report or change what is everybody's. They are
/// refused, too; QUIT is not, but it ends a connection.
const CLOSED_OF_OTHERS: &[&str] = &[
    "ACL GENPASS",
    "ACL HELP",
    "CLUSTER *",
    "CLUSTERSCAN",
    "COMMANDLOG *",
    "CONFIG HELP",
    "FUNCTION HELP",
    "LATENCY *",
    "MODULE *",
    "QUIT",
    "SCRIPT SHOW",
    "SFLUSH",
    "SLOWLOG *",
];

/// Lines that must be refused.
const REFUSED: &[&str] = &[
    "CONFIG SET maxmemory 1",
    "CONFIG REWRITE",
    "CONFIG RESETSTAT",
    "ACL LIST",
    "ACL SETUSER evil on nopass ~* &* +@all",
    "ACL DELUSER partywall",
    "ACL LOG",
    "ACL GETUSER default",
    "ACL USERS",
    "ACL SAVE",
    "ACL LOAD",
    "ACL DRYRUN default GET tenant:globex:s1",
    "CLIENT PAUSE 100000",
    "CLIENT UNPAUSE",
    "CLIENT KILL TYPE normal",
    "CLIENT KILL USER partywall",
    "FUNCTION LOAD #!lua\u{a0}name=evil",
    "FUNCTION FLUSH",
    "FUNCTION DELETE lib",
    "FUNCTION DUMP",
    "FUNCTION RESTORE x",
    "MEMORY PURGE",
    "MEMORY STATS",
    "MEMORY MALLOC-STATS",
    "LATENCY HISTOGRAM",
    "LATENCY GRAPH command",
    "CLUSTER RESET",
    "CLUSTER FLUSHSLOTS",
    "CLUSTER ADDSLOTS 1",
    "CLUSTER FORGET x",
    "CLUSTER GETKEYSINSLOT 1 100",
    "COPY s1 s2 DB 1",
    "MOVE s1 1",
    "NOSUCHCOMMAND tenant:globex:s1",
    "GET",
    "SCRIPT DEBUG YES",
];

/// Lines that may be answered or refused.
const CONCEALED: &[&str] = &[
    "SELECT 1",
    "KEYS *",
    "KEYS tenant:*",
    "KEYS *kanare[k]*",
    "SCAN 0 COUNT 100000",
    "SCAN 0 MATCH * COUNT 100000",
    "SCAN 0 MATCH tenant:globex:* COUNT 100000",
    "SCAN 0 MATCH [^x]*globex:* COUNT 100000",
    "SCAN 99999999 MATCH * COUNT 100000",
    "SCAN 0 MATCH",
    "SCAN 0 MATCH a MATCH tenant:globex:* COUNT 100000",
    "RANDOMKEY",
    "GET tenant:globex:s1",
    "GET ../tenant:globex:s1",
    "MGET tenant:globex:s1 data:w1",
    "SORT l1 BY nosort GET data:* GET tenant:globex:data:* GET obj:*->name",
    "SORT l1 BY tenant:globex:weight:* GET tenant:globex:data:*",
    "SORT l1 GET s1 BY nosort GET tenant:globex:s1",
    "SORT_RO l1 BY nosort GET data:*",
    "GEORADIUS g1 13 52 9999 km STORE tenant:globex:g1",
    "GEORADIUSBYMEMBER g1 store 9999 km STORE g1 STOREDIST tenant:globex:g2",
    "XREAD STREAMS tenant:globex:x1 0",
    "XREADGROUP GROUP STREAMS STREAMS STREAMS tenant:globex:x1 >",
    "INFO",
    "INFO ALL",
    "INFO everything",
    "INFO commandstats",
    "INFO clients keyspace",
    "CLIENT LIST",
    "CLIENT INFO",
    "CLIENT LIST ID 1 2 3 4 5 6 7 8 9 10",
    "CLIENT GETNAME",
    "CLIENT UNBLOCK 1 ERROR",
    "CLIENT KILL ID 1",
    "CLIENT KILL 127.0.0.1:1",
    "SLOWLOG GET 100",
    "SLOWLOG RESET",
    "LATENCY RESET",
    "LATENCY LATEST",
    "LATENCY DOCTOR",
    "MEMORY DOCTOR",
    "MEMORY USAGE tenant:globex:s1",
    "OBJECT ENCODING tenant:globex:s1",
    "PUBSUB CHANNELS",
    "PUBSUB CHANNELS *",
    "PUBSUB SHARDCHANNELS",
    "PUBSUB NUMSUB tenant:globex:c1 c1",
    "COMMAND GETKEYS GET tenant:globex:s1",
    "CONFIG GET *",
    "CONFIG GET requirepass",
    "FUNCTION LIST WITHCODE",
    "FUNCTION STATS",
    "SCRIPT KILL",
    "FUNCTION KILL",
    "CLIENT TRACKING ON BCAST PREFIX xxx PREFIX yyy PREFIX yyy",
    "CLIENT TRACKING ON REDIRECT 1",
    "BITOP NOT s9 tenant:globex:s1",
    "LCS s1 tenant:globex:s1",
    "OBJECT HELP",
    "RENAME tenant:globex:s1 s1",
    "HSCAN tenant:globex:h1 0",
    "WAIT 1 1",
    "TYPE tenant:globex:s1",
    "DUMP tenant:globex:s1",
    "SINTERCARD 2 t1 tenant:globex:t1 LIMIT 5",
    "EVAL return{KEYS[1],redis.call('GET',KEYS[1])} 1 tenant:globex:s1",
    "CLUSTER NODES",
    "CLUSTER SLOTS",
    "CLUSTER COUNTKEYSINSLOT 1",
];

/// Scripts that try to get around what confines names in a script.
const SCRIPTS: &[&str] = &[
    "return redis.call('GET','tenant:globex:s1')",
    "return redis.pcall('GET','s1')",
    "return _G.redis.call('GET','tenant:globex:s1')",
    "return _G['redis']['pcall']('GET','tenant:globex:s1')",
    "return rawget(_G,'redis').call('GET','tenant:globex:s1')",
    "return getfenv(0).redis.call('GET','tenant:globex:s1')",
    "return getfenv(1).redis.call('GET','tenant:globex:s1')",
    "return getfenv(print or tostring).redis.call('GET','tenant:globex:s1')",
    "return getmetatable(redis).__index.call('GET','tenant:globex:s1')",
    "return getmetatable(_G).__index.redis.call('GET','tenant:globex:s1')",
    "setmetatable(redis,nil) return redis.call('GET','tenant:globex:s1')",
    "redis.call=nil return redis.call('GET','tenant:globex:s1')",
    "redis=nil return redis.call('GET','tenant:globex:s1')",
    "local r=redis redis=nil return r.call('GET','tenant:globex:s1')",
    "return loadstring(\"return redis.call('GET','tenant:globex:s1')\")()",
    "return load(function() return nil end)",
    "return assert(loadstring('return redis'))().call('GET','tenant:globex:s1')",
    "return setfenv(loadstring(\"return redis.call('GET','tenant:globex:s1')\"),{redis=redis})()",
    "return setfenv(loadstring(\"return redis.call('GET','tenant:globex:s1')\"),_G)()",
    "return server.call('GET','tenant:globex:s1')",
    "return _G.server.call('GET','tenant:globex:s1')",
    "for k,v in pairs(_G) do if type(v)=='table' and rawget(v,'call') then return v.call('GET','tenant:globex:s1') end end",
    "for k,v in pairs(redis) do if k=='call' then return v('GET','tenant:globex:s1') end end return 'none'",
    "local c=coroutine.create(function() return _G.redis.call('GET','tenant:globex:s1') end) local ok,v=coroutine.resume(c) return v",
    "return {pcall(_G.redis.call,'GET','tenant:globex:s1')}",
    "return tostring(debug)",
    "string.format=function() return 'tenant:globex:s1' end return redis.call('GET','s1')",
    "table.concat=function() return 'tenant:globex:s1' end return redis.call('GET','s1')",
    "local s=getmetatable('') s.__index=function() return function() return 'tenant:globex:s1' end end return redis.call('GET','s1')",
    "string.lower=function() return 'ping' end return redis.call('GET','tenant:globex:s1')",
    "string.upper=function() return 'PING' end return redis.call('GET','tenant:globex:s1')",
    "rawset(string,'sub',function() return '' end) return redis.call('GET','tenant:globex:s1')",
    "unpack=function(t) return 'GET','tenant:globex:s1' end return redis.call('GET','x')",
    "select=function() return 'tenant:globex:s1' end return redis.call('GET','x')",
    "tostring=function() return 'tenant:globex:s1' end return redis.call('GET',1)",
    "local t=setmetatable({},{__tostring=function() return 'tenant:globex:s1' end}) return redis.call('GET',t)",
    "end return redis.call('GET','tenant:globex:s1') --",
    "return 1 end) (function() return redis.call('GET','tenant:globex:s1')",
    "]] return redis.call('GET','tenant:globex:s1') --[[",
    "#!lua\nreturn redis.call('GET','tenant:globex:s1')",
    "#!lua flags=allow-cross-slot-keys\nreturn redis.call('KEYS','*')",
    "return redis.call('KEYS','*')",
    "return redis.call('SCAN','0','COUNT','100000')",
    "return redis.call('SCAN',0,'MATCH','tenant:globex:*','COUNT',100000)",
    "return redis.call('RANDOMKEY')",
    "return redis.call('DBSIZE')",
    "return redis.call('SELECT','1')",
    "redis.call('SELECT',1) return redis.call('KEYS','*')",
    "return redis.call('FLUSHALL')",
    "return redis.call('FLUSHDB','ASYNC')",
    "return redis.call('SWAPDB',0,1)",
    "return redis.call('MOVE','tenant:globex:s1',1)",
    "return redis.call('COPY','tenant:globex:s1','s1')",
    "return redis.call('COPY','s1','tenant:globex:s1','DB','1')",
    "return redis.call('SET','tenant:globex:s1','overwritten')",
    "return redis.call('RENAME','tenant:globex:s1','mine')",
    "return redis.call('SORT','l1','BY','nosort','GET','tenant:globex:data:*','GET','data:*')",
    "return redis.call('sort','l1','by','nosort','get','data:*','store','tenant:globex:l1')",
    "return redis.call('GEORADIUS','g1',13,52,9999,'km','STORE','tenant:globex:g1')",
    "return redis.call('EVAL','return 1',0)",
    "return redis.call('CONFIG','GET','*')",
    "return redis.call('CLIENT','LIST')",
    "return redis.call('PUBSUB','CHANNELS')",
    "return redis.call('PUBLISH','tenant:globex:c1','x')",
    "return redis.call('SCRIPT','FLUSH')",
    "return redis.call('FUNCTION','FLUSH')",
    "return redis.call('OBJECT','ENCODING','tenant:globex:s1')",
    "return redis.call('XREAD','STREAMS','tenant:globex:x1','0')",
    "return redis.call('INFO')",
    "return redis.call('ACL','WHOAMI')",
    "return redis.acl_check_cmd('GET','tenant:globex:s1')",
    "redis.set_repl(redis.REPL_NONE) return redis.call('GET','tenant:globex:s1')",
    "redis.register_function('f', function() return 1 end)",
    "return dofile('/etc/passwd')",
    "return require('os')",
    "return KEYS",
    "KEYS[1]='tenant:globex:s1' return redis.call('GET',KEYS[1])",
];

/// Whether a command, or a subcommand as `name|subcommand`, is in the lists above.
pub(crate) fn has(name: &str) -> bool {
    let words = name.replace('|', " ").to_uppercase();
    let container = words.split(' ').next().unwrap_or_default();
    let of = |line: &&str| {
        line.strip_suffix(" *") == Some(container)
            || line
                .strip_prefix(&words)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    [CLOSED, CLOSED_OF_OTHERS, REFUSED, CONCEALED].iter().any(|list| list.iter().any(&of))
}

/// All attempts: what went wrong.
pub(crate) fn run(wall: &Address, shared: &mut Server) -> Outcome<Vec<String>> {
    shared.reset()?;
    let (_, before) = shared.keys()?;
    let mut failures = Vec::new();
    let mut attempt = |commands: &[Command], must_refuse: bool| -> Outcome<()> {
        let shown = commands.iter().map(Command::show).collect::<Vec<_>>().join("; ");
        let mut session = Session::open(wall)?;
        session.send_ended(commands)?;
        let replies = match session.replies() {
            Ok(replies) => replies,
            Err(error) => {
                failures.push(format!("hostile, broken: {shown}: {error}"));
                return Ok(());
            }
        };
        let last = replies.values.last();
        let answer = last.map_or_else(|| "nothing".to_owned(), |value| value.show());
        if contains(&replies.raw, CANARY) {
            failures.push(format!("hostile, leaked: {shown}\n  {answer}"));
        } else if must_refuse && last.is_none_or(|value| value.error().is_none()) {
            failures.push(format!("hostile, not refused: {shown}\n  {answer}"));
        } else if last.and_then(refusal).as_deref() == Some("internal") {
            failures.push(format!("hostile, internal: {shown}\n  {answer}"));
        }
        Ok(())
    };
    for name in CLOSED {
        attempt(&[Command::new(&[name])], true)?;
        attempt(&[Command::new(&[*name, "s1", "1"])], true)?;
    }
    for line in REFUSED {
        attempt(&[Command::line(line)], true)?;
    }
    for line in CONCEALED {
        attempt(&[Command::line(line)], false)?;
        attempt(&[Command::line("HELLO 3"), Command::line(line)], false)?;
        attempt(&["MULTI", line, "EXEC"].map(Command::line), false)?;
    }
    for script in SCRIPTS {
        for name in ["EVAL", "EVAL_RO"] {
            attempt(&[Command::new(&[name, script, "0"])], false)?;
        }
        attempt(&[Command::new(&["EVAL", script, "1", "tenant:globex:s1"])], false)?;
        let after = Command::new(&["EVAL", "return redis.call('GET','tenant:globex:s1')", "0"]);
        attempt(&[Command::new(&["EVAL", script, "0"]), after], false)?;
    }
    let (_, after) = shared.keys()?;
    let changed =
        before.iter().find(|(name, held)| !after.get(*name).is_some_and(|a| a.is_as(held)));
    if let Some((name, _)) = changed {
        failures.push(format!("hostile: others' {} changed", name.escape_ascii()));
    }
    if before.len() != after.len() {
        failures.push(format!("hostile: {} keys of others became {}", before.len(), after.len()));
    }
    failures.iter().for_each(|failure| println!("---- {failure}"));
    Ok(failures)
}
