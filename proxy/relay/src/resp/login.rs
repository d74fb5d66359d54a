//! The first phase: the client says who it is, by AUTH or HELLO.
//!
//! A server with passwords answers nothing else before that, and neither do we. A login that does
//! not exist takes as long as one whose password is wrong, and reads the same.

use std::sync::Arc;

use identity::Role;
use policies::Rejection;
use policies::resp::{
    Answer, Credentials, Hello, Protocol, Session, before_login, error_line, wrong_password,
};
use resp_wire::request::Request;

use super::{Client, World};
use crate::{Event, Fatal, Outbox};

/// Wrong passwords that one connection may try: each costs us the work of a hash.
const FAILURES_MAX: u32 = 16;

/// Waits for a client to log in.
#[derive(Debug, Default)]
pub(super) struct Login {
    failures: u32,
}

/// How a client logged in, and so what it is answered when it is served.
#[derive(Clone, Debug)]
pub(super) enum Greeting {
    /// By AUTH: OK.
    Ok,
    /// By HELLO, with a version and a name: what HELLO answers.
    Hello { version: Option<u8>, name: Option<Vec<u8>> },
}

/// What a request led to.
pub(super) enum Step {
    /// It was answered.
    Answered,
    /// The client has proved who it is.
    Admitted(Client, Greeting),
}

impl Greeting {
    pub(super) fn of(hello: &Hello<'_>) -> Self {
        Self::Hello { version: hello.version, name: hello.name.map(<[u8]>::to_vec) }
    }
}

impl Login {
    pub(super) fn on_request(
        &mut self,
        request: &Request<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Step, Fatal> {
        if request.is_empty() {
            return Ok(Step::Answered);
        }
        let (credentials, greeting) = match before_login(request) {
            Ok(Session::Auth(credentials)) => (credentials, Greeting::Ok),
            Ok(Session::Hello(hello)) => match hello.credentials {
                Some(credentials) => (credentials, Greeting::of(&hello)),
                None => return Ok(answered(&wrong_password(), out)),
            },
            Ok(Session::Quit) => {
                Answer::Ok.put(Protocol::Resp2, &mut out.to_client);
                return Err(Fatal::Closed);
            }
            Ok(Session::Reset) => {
                out.to_client.extend_from_slice(b"+RESET\r\n");
                return Ok(Step::Answered);
            }
            Ok(_) => return Ok(answered(&wrong_password(), out)),
            Err(rejection) => return Ok(answered(&rejection, out)),
        };
        match identify(&credentials, world, out) {
            Ok(client) => Ok(Step::Admitted(client, greeting)),
            Err(rejection) => {
                self.failures += 1;
                let step = answered(&rejection, out);
                if self.failures >= FAILURES_MAX {
                    let why = "too many wrong passwords".to_owned();
                    return Err(Fatal::AuthenticationFailed(why));
                }
                Ok(step)
            }
        }
    }
}

fn answered(rejection: &Rejection, out: &mut Outbox) -> Step {
    out.to_client.extend_from_slice(&error_line(rejection));
    Step::Answered
}

/// Finds out who sent `credentials` and whom it acts for.
///
/// # Errors
/// What the client is told; the true reason is in an event.
pub(super) fn identify(
    credentials: &Credentials<'_>,
    world: &World,
    out: &mut Outbox,
) -> Result<Client, Rejection> {
    let registry = world.registry();
    let name = String::from_utf8_lossy(credentials.login).into_owned();
    let mut failed = |why| {
        out.events.push(Event::AuthenticationFailed { login: name.clone(), why });
        wrong_password()
    };
    let login = match registry.authenticate_password(&name, credentials.password) {
        Ok(login) => login,
        Err(identity::PasswordError::UnknownLogin) => return Err(failed("unknown login")),
        Err(identity::PasswordError::WrongPassword) => return Err(failed("wrong password")),
    };
    let tenant = login.single_tenant().ok_or_else(|| {
        failed(match login.role() {
            Role::Migrate => "role not served",
            Role::Tenant if !login.is_active() => "tenant suspended",
            Role::Tenant => "several tenants",
        })
    })?;
    let slug = tenant.slug.clone();
    out.events.push(Event::Authenticated { login: name.clone(), tenant: slug });
    Ok(Client { login: name, tenant: Arc::clone(&tenant) })
}
