//! The wall in front of the databases.

use std::net::Ipv4Addr;

use crate::program::{LOGIN, PASSWORD, Program};
use crate::schema::{POLICY, TENANT_A, TENANT_B};
use crate::session::{Address, Outcome};

/// A running wall with one listener for each database. It ends when this is dropped.
pub(crate) struct Wall {
    program: Program,
}

impl Wall {
    pub(crate) fn start(databases: &[&Address]) -> Outcome<Self> {
        let listener = |place: usize, port| {
            databases.get(place).map(|database| listener(database, port)).unwrap_or_default()
        };
        let tenants = [TENANT_A, TENANT_B];
        let program = Program::start("oracle", POLICY, tenants, databases.len(), listener)?;
        Ok(Self { program })
    }

    /// Where A logs in to the database of this place in the list.
    pub(crate) fn address(&self, place: usize, database: &Address) -> Address {
        Address {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: self.program.port(place),
            user: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            database: database.database.clone(),
        }
    }
}

fn listener(database: &Address, port: u16) -> String {
    let Address { host, port: upstream, user, password, database } = database;
    format!(
        "\n[[listener]]\nprotocol = \"postgres\"\nlisten = \"127.0.0.1:{port}\"\n\
         upstream = \"postgres://{user}:{password}@{host}:{upstream}/{database}\"\n"
    )
}
