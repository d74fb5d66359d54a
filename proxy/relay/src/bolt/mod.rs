//! Bolt, the wire of Neo4j.
