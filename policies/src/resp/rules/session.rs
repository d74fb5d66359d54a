//! What a request asks of the connection itself.

/// A request that changes, or needs, what only the connection knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session<'b> {
    /// AUTH.
    Auth(Credentials<'b>),
    /// HELLO.
    Hello(Hello<'b>),
    /// RESET.
    Reset,
    /// QUIT.
    Quit,
    /// CLIENT REPLY.
    Reply(ReplyMode),
    /// EVAL, EVALSHA and their kin.
    Script(ScriptCall<'b>),
    /// SCRIPT LOAD.
    ScriptLoad(&'b [u8]),
    /// SCRIPT EXISTS.
    ScriptExists(Vec<&'b [u8]>),
    /// SCRIPT FLUSH.
    ScriptFlush,
}

/// Who a client says it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'b> {
    /// The login's name; `default` where none was given.
    pub login: &'b [u8],
    /// Its password.
    pub password: &'b [u8],
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// HELLO [version [AUTH login password] [SETNAME name]].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hello<'b> {
    /// 2 or 3; none leaves it as it is.
    pub version: Option<u8>,
    /// Who the client says it is.
    pub credentials: Option<Credentials<'b>>,
    /// The connection's name.
    pub name: Option<&'b [u8]>,
}

/// CLIENT REPLY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyMode {
    /// Every request is answered.
    On,
    /// None is.
    Off,
    /// The next one is not.
    Skip,
}

/// EVAL or EVALSHA, or their read-only forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptCall<'b> {
    /// The script's text, or the SHA-1 of it in hexadecimal digits.
    pub script: &'b [u8],
    /// Whether it is the SHA-1.
    pub is_sha: bool,
    /// Whether it may only read.
    pub read_only: bool,
    /// The keys, as the client names them.
    pub keys: Vec<&'b [u8]>,
    /// The other arguments.
    pub arguments: Vec<&'b [u8]>,
}
