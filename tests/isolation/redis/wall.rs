//! The wall in front of the server.

use crate::program::{LOGIN, PASSWORD, Program};
use crate::session::{Address, Outcome};
use crate::store::{TENANT_A, TENANT_B};

const POLICY: &str =
    "version = 1\n\n[tenant]\nid = \"text\"\n\n[redis]\nprefix = \"tenant:{tenant}:\"\n";

/// A running wall. It ends when this is dropped.
pub(crate) struct Wall {
    program: Program,
}

impl Wall {
    pub(crate) fn start(server: &Address) -> Outcome<Self> {
        let Address { port: upstream, user, password } = server;
        let listener = |_, port| {
            format!(
                "\n[[listener]]\nprotocol = \"resp\"\nlisten = \"127.0.0.1:{port}\"\n\
                 upstream = \"redis://{user}:{password}@127.0.0.1:{upstream}/0\"\n"
            )
        };
        let tenants = [TENANT_A, TENANT_B];
        Ok(Self { program: Program::start("oracle-redis", POLICY, tenants, 1, listener)? })
    }

    /// Where A logs in.
    pub(crate) fn address(&self) -> Address {
        Address {
            port: self.program.port(0),
            user: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
        }
    }

    /// The end of what it logged.
    pub(crate) fn log_tail(&self) -> String {
        self.program.log_tail()
    }
}
