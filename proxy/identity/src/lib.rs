//! Who logs in: verifiers, SCRAM, and the registry of logins and tenants. Pure.
