//! What the wrapper's text promises. What servers make of it:
//! tests/e2e/redis/test_redis_scripts.py.

use resp_wire::command::COMMANDS;

use super::lexer::Chunk;
use super::{Globals, NotAChunk, NotConfinable, Wrapper, is_wrapped, sha};

const GLOBALS: &str = "redis redis.call redis.pcall KEYS ARGV _G loadstring load getmetatable \
     setmetatable cjson cjson.encode collectgarbage gcinfo string string.format table table.sort \
     pcall error __redis__err__handler something_new something_new.field";

fn globals(names: &str) -> Result<Globals, NotConfinable> {
    Globals::read(names.split_whitespace().map(str::as_bytes))
}

fn wrapped(script: &str) -> Result<String, NotAChunk> {
    let wrapper = Wrapper::new(globals(GLOBALS).unwrap(), |_| true);
    Ok(String::from_utf8(wrapper.wrap(script.as_bytes())?).unwrap())
}

/// The parameters of the function that the script becomes.
fn shadows(script: &str) -> String {
    let text = wrapped(script).unwrap();
    text.split_once('(').unwrap().1.split_once(')').unwrap().0.to_owned()
}

#[test]
fn the_script_stays_on_its_lines() {
    let text = wrapped("local x = 1\nreturn x").unwrap();
    assert!(text.starts_with("local body=function(...) local x = 1\nreturn x\nend "), "{text}");
    let text = wrapped("#!lua flags=no-writes\nreturn 1").unwrap();
    assert!(text.starts_with("#!lua flags=no-writes\nlocal body=function(...) return 1\nend "));
    assert!(wrapped("#!lua\r\nreturn 1").is_ok());
}

#[test]
fn only_what_a_script_names_is_shadowed() {
    assert_eq!(shadows("return 1"), "...");
    assert_eq!(shadows("return redis.call('get', KEYS[1])"), "KEYS,redis,...");
    assert_eq!(shadows("return string.format('redis')"), "...");
    assert_eq!(shadows("-- redis\nreturn [[cjson]]"), "...");
}

#[test]
fn a_global_that_is_not_known_is_hidden() {
    assert_eq!(shadows("return something_new"), "something_new,...");
    assert!(
        wrapped("return something_new").unwrap().contains("shadows = function() return nil end")
    );
}

#[test]
fn who_makes_names_sees_every_shadow() {
    let all = "ARGV,KEYS,_G,__redis__err__handler,cjson,collectgarbage,gcinfo,getmetatable,load,\
               loadstring,redis,setmetatable,something_new,...";
    for script in ["return _G.x", "return load(f)", "return loadstring('return redis')"] {
        assert_eq!(shadows(script), all);
    }
}

#[test]
fn a_script_cannot_close_its_function() {
    for script in [
        "return 1 end return redis",
        "end local x = function()",
        "do return 1 end end",
        "if x then return end until y",
        "repeat end until true",
        "--[[ ]] end",
        "--[==[ ]] ]=] ]==] end",
        "--[= x\nend",
        "--\rend",
        "x = '\\\\' end y = ''",
        "x = 'a\\\n' end",
        "x = \"\\\"\" end",
        "x = [[ \\]] end",
        "x = [=[ ]] ]=] end",
        "function f() return 1",
        "return 'x",
        "return [[x",
        "return --[[x",
        "return [[ [[ ]] end ]]",
        "return 1 \0 end",
        "\x1bLua",
        "x = \u{e9}",
        "#!lua",
        "#!js\nreturn 1",
        "#!lua2\nreturn 1",
    ] {
        assert_eq!(wrapped(script), Err(NotAChunk), "{script:?}");
    }
}

#[test]
fn blocks_that_are_paired_pass() {
    for script in [
        "",
        "-- end",
        "return 'end', \"end\", [[end]], [==[ ]] end ]==], --[[ end ]] 1",
        "for i = 1, 2 do if i then f() elseif j then g() else h() end end",
        "while true do repeat break until true end",
        "local function f(...) return function() end end",
        "return t.x.y, a..b, 1..2, ...",
        "x = 'it\\'s' -- end\r\ny = \"\\\"\"",
        "return 0x1F, 1e+5, .5, 3., [[ [[ end ]]",
    ] {
        assert!(wrapped(script).is_ok(), "{script:?}");
    }
    let deep = |depth| "do ".repeat(depth) + &"end ".repeat(depth);
    assert!(wrapped(&deep(200)).is_ok());
    assert_eq!(wrapped(&deep(201)), Err(NotAChunk));
}

#[test]
fn lines_are_counted_as_lua_counts() {
    for (text, lines) in [
        ("", 1),
        ("\n", 2),
        ("\r\n\r\n", 3),
        ("\n\r\n\r", 3),
        ("\n\n\r\r", 4),
        ("x = [[\n\r\n]]", 3),
        ("x = 'a\\\nb'", 2),
        ("--[[\n]] --\n", 3),
    ] {
        assert_eq!(Chunk::read(text.as_bytes()).unwrap().lines, lines, "{text:?}");
    }
}

#[test]
fn a_call_in_return_keeps_its_line() {
    for (script, bracketed) in [
        ("return redis.call('get', (x))", "return (redis.call('get', (x)))"),
        (
            "if x then return redis.pcall(f(1), ')') else return 1 end",
            "if x then return (redis.pcall(f(1), ')')) else return 1 end",
        ),
        (
            "return redis.call(function() return redis.call(a) end);",
            "return (redis.call(function() return (redis.call(a)) end));",
        ),
    ] {
        assert!(wrapped(script).unwrap().contains(bracketed), "{script}");
    }
    for script in [
        "return redis.call('x')[1]",
        "return redis.call('x'), 1",
        "return redis.call('x').ok",
        "return redis.call 'x'",
        "return (redis.call('x'))",
        "local redis = mine return redis.call('x')",
        "return f(redis, redis.call('x'))",
    ] {
        assert!(wrapped(script).unwrap().contains(&format!("...) {script}\nend ")), "{script}");
    }
}

#[test]
fn no_word_stays_to_be_replaced() {
    let text = wrapped("return _G").unwrap();
    assert!(!text.contains('`'), "{text}");
    assert!(!text.contains("\n--"), "a comment travels");
    for command in COMMANDS {
        assert!(text.contains(&format!(";{} ", command.name)), "{}", command.name);
    }
}

#[test]
fn a_command_that_is_off_is_not_known() {
    let wrapper = Wrapper::new(globals(GLOBALS).unwrap(), |command| command.name != "get");
    let text = String::from_utf8(wrapper.wrap(b"return redis").unwrap()).unwrap();
    assert!(!text.contains(";get ") && text.contains(";set 1;"));
}

#[test]
fn shapes_say_where_keys_stand() {
    let text = wrapped("return redis").unwrap();
    for shape in [
        ";get 1;",
        ";mget a;",
        ";mset k1..-1/2;",
        ";bitop k2..0/1 3..-1/1;",
        ";zunionstore k1..0/1 2#3/1;",
        ";lmpop p1#2/1;",
        ";object c;",
        ";object|encoding k2..0/1;",
        ";config c;",
        ";config|get x;",
        ";eval x;",
        ";xread ostreams;",
        ";flushall oflush;",
        ";swapdb r;",
        ";move r;",
        ";info r;",
        ";debug x;",
        ";publish 1;",
        ";time -;",
    ] {
        assert!(text.contains(shape), "{shape}");
    }
}

#[test]
fn servers_that_cannot_be_confined_are_told() {
    let with = |more: &str| globals(&format!("{GLOBALS} {more}"));
    assert_eq!(with("!string"), Err(NotConfinable::Writable("string".to_owned())));
    assert_eq!(with("string.new"), Err(NotConfinable::UnknownField("string.new".to_owned())));
    assert_eq!(with("os.execute"), Err(NotConfinable::UnknownField("os.execute".to_owned())));
    assert_eq!(with("?"), Err(NotConfinable::LongBracketsNest));
    assert_eq!(with("a-b"), Err(NotConfinable::UnknownField("a-b".to_owned())));
    assert_eq!(globals("redis KEYS"), Err(NotConfinable::Missing("ARGV")));
}

#[test]
fn what_is_wrapped_is_known() {
    for script in ["return 1", "#!lua\nreturn redis.call('x')", "return _G"] {
        assert!(!is_wrapped(script.as_bytes()));
        assert!(is_wrapped(wrapped(script).unwrap().as_bytes()));
    }
    let forged = wrapped("return 1").unwrap().replace("local body=function(...)", "do end");
    assert!(!is_wrapped(forged.as_bytes()));
}

#[test]
fn a_script_is_named_by_its_digest() {
    assert_eq!(&sha(b""), b"da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert_eq!(&sha(b"return 1"), b"e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}
