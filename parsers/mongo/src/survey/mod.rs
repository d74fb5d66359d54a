//! What MongoDB's language is made of: its names, as data, each with its class.
//!
//! A list is a text file beside this one. A line that begins with `# ` is a comment: the list's source,
//! and before each group why its names are there. A line `class: name name` gives names a class; in
//! the lists of commands and statements a line without a colon begins the one that the lines below
//! it, indented, belong to.
//!
//! A class says what stands behind a name, and so which rule reads it. Names of the class `refused`
//! are known, and known to be no tenant's business; a name in no list is unknown, which comes to the
//! same. That a name has a class does not make it open: policies decide that, class by class.

mod class;
mod command;
mod operator;

pub use command::{
    ArgumentClass, CommandClass, CommandSpec, argument, command, commands, statement,
};
pub use operator::{
    AccumulatorClass, ExpressionClass, ProjectionClass, QueryClass, StageClass, UpdateClass,
    VariableClass, accumulator, expression, projection_operator, query_operator, stage,
    update_operator, variable,
};
