//! Host names as clients compare them.

/// Host without user information and port, lower case.
pub fn host_name(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    host.to_ascii_lowercase()
}

/// Whether two hosts differ only in the port.
pub fn differ_in_port_only(one: &str, other: &str) -> bool {
    one != other && host_name(one) == host_name(other)
}
