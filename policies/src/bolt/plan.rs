//! The verdict on a text as a template: Cypher with slots for the tenant.

use bolt_wire::packstream::{Dictionary, Item, PackError, Raw, Value};
use memchr::memmem;

use super::guard::{OWNED_PREFIX, SLOT, TENANT_PARAMETER};
use super::{ReplyRule, Tenancy};
use crate::{Reason, Rejection, Scoped, TenantId};

/// A judged and proved text, as a template that serves every tenant.
#[derive(Clone, Debug)]
pub struct Plan {
    template: Template,
    carried: Carried,
    rule: ReplyRule,
    observed: Option<Rejection>,
}

/// A text with places for the tenant's label.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub text: String,
    /// Where [`SLOT`] stands, in order.
    pub slots: Vec<usize>,
}

/// How a statement says whose nodes it is about, and what must hold of its parameters.
#[derive(Clone, Debug)]
pub(super) enum Carried {
    /// By the label in the slots.
    Label,
    /// By a parameter of ours, which is the value of this property.
    Property { property: String, owned: Vec<Owned> },
    /// By a label that the client wrote, if it wrote one.
    ClientsLabel(Option<String>),
    /// By a parameter of the client's, which is the value of this property.
    ClientsParameter { property: String, name: String },
    /// It does not.
    Nothing,
}

/// A map of the client's that the tenant's property is added to.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    client: String,
    sent: String,
}

impl Carried {
    pub(super) fn property(property: &str, owned: &[String]) -> Self {
        let owned = owned.iter().map(|client| Owned {
            client: client.clone(),
            sent: format!("{OWNED_PREFIX}{client}"),
        });
        Self::Property { property: property.to_owned(), owned: owned.collect() }
    }
}

/// What a RUN earned.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Verdict<'p> {
    /// This may travel.
    Forward(Scoped<Run<'p>>),
    /// It would be refused; as the mode is observe, the client's own words travel all the same.
    Observed(Run<'p>, Rejection),
}

/// What travels in place of a client's RUN.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<'p> {
    /// The statement.
    pub statement: String,
    /// Its parameters.
    pub parameters: Dictionary<'p>,
    /// How what comes back is read.
    pub rule: ReplyRule,
}

impl Plan {
    pub(super) fn new(template: Template, carried: Carried, rule: ReplyRule) -> Self {
        Self { template, carried, rule, observed: None }
    }

    /// The client's own text, and what would have become of it.
    pub(super) fn observed(text: &str, observed: Option<Rejection>) -> Self {
        let template = Template { text: text.to_owned(), slots: Vec::new() };
        Self { template, carried: Carried::Nothing, rule: ReplyRule::raw(), observed }
    }

    /// Confines the statement to a tenant.
    ///
    /// # Errors
    /// The refusal, of a parameter that names what is not the client's to name, or of a statement
    /// that names another tenant as its own.
    pub fn scope<'p>(
        &'p self,
        mut parameters: Dictionary<'p>,
        tenancy: &Tenancy,
    ) -> Result<Verdict<'p>, Rejection> {
        match &self.carried {
            Carried::Label | Carried::Nothing | Carried::ClientsLabel(None) => {}
            Carried::Property { property, owned } => {
                refuse_key(&parameters, property)?;
                add_tenant(&mut parameters, property, owned, tenancy.id())?;
            }
            Carried::ClientsLabel(Some(label)) if label == tenancy.label() => {}
            Carried::ClientsLabel(Some(_)) => return Err(foreign()),
            Carried::ClientsParameter { property, name } => {
                refuse_key(&parameters, property)?;
                let is_own = parameters.get(name).is_some_and(|value| is_id(value, tenancy.id()));
                if !name.is_empty() && !is_own {
                    return Err(foreign());
                }
            }
        }
        let statement = self.template.render(tenancy.label());
        let run = Run { statement, parameters, rule: self.rule.clone() };
        Ok(match &self.observed {
            Some(rejection) => Verdict::Observed(run, rejection.clone()),
            None => Verdict::Forward(Scoped::new(run)),
        })
    }
}

impl Template {
    fn render(&self, label: &str) -> String {
        let added = label.len() * self.slots.len();
        let mut text = String::with_capacity(self.text.len() + added);
        let mut at = 0;
        for slot in &self.slots {
            text.push_str(self.text.get(at..*slot).unwrap_or_default());
            text.push_str(label);
            at = slot + SLOT.len();
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        text
    }
}

fn foreign() -> Rejection {
    let what = "the statement names another tenant as its own";
    Rejection::new(Reason::ForeignTenantValue, what)
}

fn id_value<'t>(id: &TenantId, text: &'t str) -> Value<'t> {
    match id {
        TenantId::Bigint(id) => Value::Integer(*id),
        TenantId::Uuid(_) | TenantId::Text(_) => Value::String(text),
    }
}

fn is_id(value: Raw<'_>, id: &TenantId) -> bool {
    match (value.item(), id) {
        (Item::Integer(found), TenantId::Bigint(id)) => found == *id,
        (Item::String(found), TenantId::Uuid(_) | TenantId::Text(_)) => found == id.to_string(),
        (_, _) => false,
    }
}

/// Adds the tenant's id, and maps with it.
fn add_tenant<'p>(
    parameters: &mut Dictionary<'p>,
    property: &'p str,
    owned: &'p [Owned],
    id: &TenantId,
) -> Result<(), Rejection> {
    let text = id.to_string();
    let id = id_value(id, &text);
    parameters.set(TENANT_PARAMETER, &id);
    for owned in owned {
        // Without the client's parameter the server says that it is missing.
        let Some(map) = parameters.get(&owned.client) else { continue };
        let Ok(mut map) = map.dictionary().map(Dictionary::into_owned) else {
            let what = format!("parameter \"{}\" must be a map", owned.client);
            return Err(Rejection::new(Reason::UnprovableTenantValue, what));
        };
        map.set_owned(property.to_owned(), &id);
        parameters.set_dictionary(&owned.sent, &map);
    }
    Ok(())
}

/// No map in a parameter, however deep, has the tenant's property as a key: it could be copied to a
/// node.
fn refuse_key(parameters: &Dictionary<'_>, key: &str) -> Result<(), Rejection> {
    for (name, value) in parameters.iter() {
        if memmem::find(value.bytes(), key.as_bytes()).is_none() {
            continue;
        }
        let unread = |error: PackError| Rejection::new(Reason::Internal, error.to_string());
        if has_key(value, key).map_err(unread)? {
            let what = format!(
                "parameter \"{name}\" has a key \"{key}\", which says whose a node is and cannot \
                 be named"
            );
            return Err(Rejection::new(Reason::ReservedName, what));
        }
    }
    Ok(())
}

/// How deep this goes was bounded when the value was read.
fn has_key(value: Raw<'_>, key: &str) -> Result<bool, PackError> {
    match value.item() {
        Item::Map(_) => {
            for (name, value) in value.dictionary()?.iter() {
                if name == key || has_key(value, key)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Item::List(_) | Item::Structure { .. } => {
            for item in value.items()? {
                if has_key(item, key)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Item::Null
        | Item::Boolean(_)
        | Item::Integer(_)
        | Item::Float(_)
        | Item::Bytes(_)
        | Item::String(_) => Ok(false),
    }
}
