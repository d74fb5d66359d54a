//! The tables as the generator knows them; `schema.sql` makes them.

pub(crate) const TENANT_A: &str = "a1a1a1a1-0000-4000-8000-00000000000a";
pub(crate) const TENANT_B: &str = "b2b2b2b2-0000-4000-8000-00000000000b";
pub(crate) const TENANT_C: &str = "c3c3c3c3-0000-4000-8000-00000000000c";

/// Every table that holds rows of tenants, with its tenant column.
pub(crate) const SCOPED: &[(&str, &str)] = &[
    ("customers", "tenant_id"),
    ("orders", "tenant_id"),
    ("items", "tenant_id"),
    ("events", "tenant_id"),
    ("\"Weird Table\"", "tenant_id"),
    ("notes", "tenant_id"),
    ("billing.invoices", "org_id"),
    ("parents", "tenant_id"),
    ("children", "tenant_id"),
];

/// The types that expressions are generated of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Type {
    #[default]
    Int,
    Text,
    Numeric,
    Bool,
    Time,
    Date,
    Json,
    Ints,
    Texts,
    Uuid,
    Mood,
}

impl Type {
    pub(crate) const COMMON: &[Self] = &[
        Self::Int,
        Self::Text,
        Self::Numeric,
        Self::Bool,
        Self::Time,
        Self::Date,
        Self::Json,
        Self::Ints,
        Self::Texts,
        Self::Uuid,
        Self::Mood,
    ];

    /// The type's name in SQL.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Int => "int8",
            Self::Text => "text",
            Self::Numeric => "numeric",
            Self::Bool => "boolean",
            Self::Time => "timestamptz",
            Self::Date => "date",
            Self::Json => "jsonb",
            Self::Ints => "int4[]",
            Self::Texts => "text[]",
            Self::Uuid => "uuid",
            Self::Mood => "mood",
        }
    }
}

/// A relation that can be read, and perhaps written.
#[derive(Debug)]
pub(crate) struct Table {
    /// As written in SQL.
    pub(crate) name: &'static str,
    /// The name that columns are qualified with where there is no alias.
    pub(crate) bare: &'static str,
    pub(crate) columns: &'static [(&'static str, Type)],
    pub(crate) tenant: &'static str,
    /// The key as an application knows it; empty where there is none.
    pub(crate) key: &'static [&'static str],
    pub(crate) writable: bool,
}

use Type::{Bool, Date, Int, Ints, Json, Mood, Numeric, Text, Texts, Time, Uuid};

pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "customers",
        bare: "customers",
        columns: &[
            ("id", Int),
            ("tenant_id", Uuid),
            ("name", Text),
            ("email", Text),
            ("tier", Int),
            ("balance", Numeric),
            ("joined", Time),
        ],
        tenant: "tenant_id",
        key: &["email"],
        writable: true,
    },
    Table {
        name: "orders",
        bare: "orders",
        columns: &[
            ("id", Int),
            ("customer_id", Int),
            ("status", Text),
            ("total", Numeric),
            ("tags", Texts),
            ("placed", Time),
            ("tenant_id", Uuid),
        ],
        tenant: "tenant_id",
        key: &["id"],
        writable: true,
    },
    Table {
        name: "items",
        bare: "items",
        columns: &[
            ("tenant_id", Uuid),
            ("id", Int),
            ("order_id", Int),
            ("sku", Text),
            ("qty", Int),
            ("price", Numeric),
            ("amount", Numeric),
        ],
        tenant: "tenant_id",
        key: &["id"],
        writable: true,
    },
    Table {
        name: "events",
        bare: "events",
        columns: &[
            ("id", Int),
            ("day", Date),
            ("tenant_id", Uuid),
            ("kind", Text),
            ("payload", Json),
        ],
        tenant: "tenant_id",
        key: &["id", "day"],
        writable: true,
    },
    Table {
        name: "\"Weird Table\"",
        bare: "\"Weird Table\"",
        columns: &[
            ("\"Select\"", Int),
            ("tenant_id", Uuid),
            ("\"Größe\"", Text),
            ("\"a\"\"b\"", Text),
            ("\"order\"", Int),
        ],
        tenant: "tenant_id",
        key: &["\"Select\""],
        writable: true,
    },
    Table {
        name: "notes",
        bare: "notes",
        columns: &[
            ("id", Int),
            ("body", Text),
            ("tenant_id", Uuid),
            ("numbers", Ints),
            ("doc", Json),
            ("feel", Mood),
        ],
        tenant: "tenant_id",
        key: &["id"],
        writable: true,
    },
    Table {
        name: "billing.invoices",
        bare: "invoices",
        columns: &[("number", Text), ("org_id", Uuid), ("total", Numeric), ("paid", Bool)],
        tenant: "org_id",
        key: &["number"],
        writable: true,
    },
    Table {
        name: "plans",
        bare: "plans",
        columns: &[("code", Text), ("title", Text), ("price", Numeric), ("seats", Int)],
        tenant: "",
        key: &[],
        writable: false,
    },
    Table {
        name: "rich_customers",
        bare: "rich_customers",
        columns: &[("id", Int), ("tenant_id", Uuid), ("name", Text), ("tier", Int)],
        tenant: "tenant_id",
        key: &[],
        writable: false,
    },
    Table {
        name: "events_late",
        bare: "events_late",
        columns: &[
            ("id", Int),
            ("day", Date),
            ("tenant_id", Uuid),
            ("kind", Text),
            ("payload", Json),
        ],
        tenant: "tenant_id",
        key: &["id", "day"],
        writable: true,
    },
    Table {
        name: "parents",
        bare: "parents",
        columns: &[("id", Int), ("tenant_id", Uuid), ("label", Text)],
        tenant: "tenant_id",
        key: &[],
        writable: true,
    },
    Table {
        name: "children",
        bare: "children",
        columns: &[("id", Int), ("tenant_id", Uuid), ("label", Text), ("age", Int)],
        tenant: "tenant_id",
        key: &[],
        writable: true,
    },
];

/// The policy that opens these tables.
pub(crate) const POLICY: &str = r#"
version = 1

[tenant]
id = "uuid"

[postgres]
column = "tenant_id"
shared = ["public.plans"]

[postgres.tables."billing.invoices"]
column = "org_id"

[postgres.tables."public.rich_customers"]
column = "tenant_id"
"#;
