//! What the server takes, and what it says about the rest.
