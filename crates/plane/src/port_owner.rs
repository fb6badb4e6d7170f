//! Who listens at an address already: from `/proc`, as far as this user may look.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// The state of a listening socket in `/proc/net/tcp`.
const LISTENING: &str = "0A";

/// The owner of an address in words: "`nginx`, process 4242".
pub(crate) fn of(address: SocketAddr) -> String {
    found(address).unwrap_or_else(|| "another process".to_owned())
}

fn found(address: SocketAddr) -> Option<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let inode = tables.iter().find_map(|path| {
        let table = std::fs::read_to_string(path).ok()?;
        listening_inode(&table, address).map(str::to_owned)
    })?;
    let process = process_with(&format!("socket:[{inode}]"))?;
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(format!("`{}`, process {process}", name.trim()))
}

/// The inode of the socket that keeps others from listening at an address.
fn listening_inode(table: &str, address: SocketAddr) -> Option<&str> {
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[_, local, _, state, _, _, _, _, _, inode, ..] = fields.as_slice() else {
            return None;
        };
        let (ip, port) = local.split_once(':')?;
        let (ip, port) = (address_of(ip)?, u16::from_str_radix(port, 16).ok()?);
        let is_in_the_way = port == address.port()
            && (ip == address.ip() || ip.is_unspecified() || address.ip().is_unspecified());
        (state == LISTENING && is_in_the_way).then_some(inode)
    })
}

/// Words of 32 bits in the machine's own order, as hexadecimal digits.
fn address_of(hex: &str) -> Option<IpAddr> {
    let words = (0..hex.len()).step_by(8).map(|at| {
        let word = u32::from_str_radix(hex.get(at..at + 8)?, 16).ok()?;
        Some(word.to_ne_bytes())
    });
    let bytes: Vec<u8> = words.collect::<Option<Vec<_>>>()?.concat();
    match bytes.len() {
        4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into()),
        16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical()),
        _ => None,
    }
}

/// The process that has a descriptor of that link.
fn process_with(link: &str) -> Option<u32> {
    let processes = std::fs::read_dir("/proc").ok()?;
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .find(|process: &u32| {
            std::fs::read_dir(format!("/proc/{process}/fd"))
                .into_iter()
                .flatten()
                .flatten()
                .any(|descriptor| {
                    std::fs::read_link(descriptor.path()).is_ok_and(|to| to == Path::new(link))
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_endian = "little")]
    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0
   1: 0100007F:11D7 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0
   2: 00000000:11D8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0
   3: 00000000000000000000000001000000:11D9 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 444 1 0
";

    #[cfg(target_endian = "little")]
    #[test]
    fn the_socket_in_the_way_is_found_in_the_systems_table() {
        let check = |address: &str, inode: Option<&str>| {
            assert_eq!(
                listening_inode(TABLE, address.parse().unwrap()),
                inode,
                "{address}"
            );
        };
        check("127.0.0.1:4566", Some("111"));
        check("0.0.0.0:4566", Some("111"));
        check("127.0.0.2:4566", None);
        check("127.0.0.1:4567", None);
        check("127.0.0.1:4568", Some("333"));
        check("[::1]:4569", Some("444"));
    }

    #[test]
    fn a_socket_of_this_process_is_ours() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let owner = of(listener.local_addr().unwrap());
        let ours = format!("process {}", std::process::id());
        assert!(owner.ends_with(&ours), "{owner}");
    }
}
