//! One tenant's part of the graph.

use crate::TenantId;

/// What the labels of tenants begin with. No client may name such a label.
pub(super) const LABEL_PREFIX: &str = "Tenant_";

/// What makes a node one tenant's, in the forms in which it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenancy {
    label: String,
    id: TenantId,
}

impl Tenancy {
    pub(super) fn new(id: TenantId) -> Self {
        Self { label: format!("{LABEL_PREFIX}{id}"), id }
    }

    /// The label of the tenant's nodes, where labels tell whose they are.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whose nodes they are.
    #[must_use]
    pub fn id(&self) -> &TenantId {
        &self.id
    }
}
