//! One tenant's part of the store.

use crate::TenantId;
use crate::policy::{MongoLayout, MongoPolicy};

/// What a tenant's documents bear, or what its names begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenancy {
    layout: MongoLayout,
    id: TenantId,
}

impl Tenancy {
    pub(super) fn new(policy: &MongoPolicy, id: &TenantId) -> Self {
        Self { layout: policy.layout.clone(), id: id.clone() }
    }
}
