//! MongoDB: a tenant's part of a collection is what bears its id.
