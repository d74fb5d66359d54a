//! Types of values, as `IS :: type` tests for them.

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// `INTEGER | STRING`: at least one.
    pub alternatives: Vec<TypePart>,
}

/// One type, perhaps in lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypePart {
    /// The innermost.
    pub name: TypeName,
    /// Whether null is excluded.
    pub not_null: bool,
    /// `LIST` behind it, each with whether null is excluded.
    pub lists: Vec<bool>,
}

/// A type without its suffixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeName {
    /// A type of one name.
    Scalar(ScalarType),
    /// `LIST<type>`
    List(Box<Type>),
    /// `ANY<type>`
    Any(Box<Type>),
    /// `VECTOR<coordinate>(dimension)`
    Vector {
        /// The type of its elements.
        coordinate: Option<ScalarType>,
        /// Whether these may not be null.
        not_null: bool,
        /// How many they are.
        dimension: Option<String>,
    },
}

/// A type of one name, of whichever of its spellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarType {
    /// `ANY`, `ANY VALUE`
    Any,
    /// `BOOL`, `BOOLEAN`
    Boolean,
    /// `DATE`
    Date,
    /// `DURATION`
    Duration,
    /// `FLOAT`, `FLOAT64`
    Float,
    /// `FLOAT32`, of vectors
    Float32,
    /// `INT`, `INTEGER`, `SIGNED INTEGER`, `INTEGER64`, `INT64`
    Integer,
    /// `INTEGER32`, `INT32`, of vectors
    Integer32,
    /// `INTEGER16`, `INT16`, of vectors
    Integer16,
    /// `INTEGER8`, `INT8`, of vectors
    Integer8,
    /// `LOCAL DATETIME`, `TIMESTAMP WITHOUT TIME ZONE`
    LocalDateTime,
    /// `LOCAL TIME`, `TIME WITHOUT TIME ZONE`
    LocalTime,
    /// `MAP`, `ANY MAP`
    Map,
    /// `NODE`, `VERTEX`, and with `ANY`
    Node,
    /// `NOTHING`
    Nothing,
    /// `NULL`
    Null,
    /// `PATH`, `PATHS`
    Path,
    /// `POINT`
    Point,
    /// `PROPERTY VALUE`, and with `ANY`
    PropertyValue,
    /// `RELATIONSHIP`, `EDGE`, and with `ANY`
    Relationship,
    /// `STRING`, `VARCHAR`
    String,
    /// `UUID`
    Uuid,
    /// `ZONED DATETIME`, `TIMESTAMP WITH TIME ZONE`
    ZonedDateTime,
    /// `ZONED TIME`, `TIME WITH TIME ZONE`
    ZonedTime,
}
