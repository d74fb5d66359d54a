//! PLACEHOLDER
use crate::Rejection;
/// P
pub fn setting_allowed(n: &str, _: Option<&str>) -> Result<(), Rejection> { if n.contains('.') || n == "row_security" { Err(Rejection::new(crate::Reason::SettingNotAllowed, "x")) } else { Ok(()) } }
/// P
pub fn setting_readable(n: &str) -> bool { !n.contains('.') }
