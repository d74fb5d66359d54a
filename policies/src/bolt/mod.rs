//! Neo4j: a tenant's part of the graph is what bears its label or property.
