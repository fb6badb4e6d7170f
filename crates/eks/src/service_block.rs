//! The block from which the Services of a cluster get their addresses.

use crate::error::EksError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The private networks, each with its bits, in one of which a block must lie.
const WITHIN: [(Ipv4Addr, u8); 3] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// How many bits a block may have.
const BITS: RangeInclusive<u8> = 12..=24;

/// A private block of addresses that EKS takes for Services, as `10.100.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceBlock {
    first: Ipv4Addr,
    bits: u8,
}

impl Default for ServiceBlock {
    /// `10.100.0.0/16`, one of the two that EKS chooses.
    fn default() -> Self {
        Self {
            first: Ipv4Addr::new(10, 100, 0, 0),
            bits: 16,
        }
    }
}

impl FromStr for ServiceBlock {
    type Err = EksError;

    fn from_str(text: &str) -> Result<Self, EksError> {
        let read = || {
            let (first, bits) = text.split_once('/')?;
            let (first, bits) = (first.parse().ok()?, bits.parse().ok()?);
            let is_whole = network(first, bits)? == first;
            let is_private = |(there, wide): &(Ipv4Addr, u8)| {
                bits >= *wide && network(first, *wide) == Some(*there)
            };
            let is_taken = is_whole && BITS.contains(&bits) && WITHIN.iter().any(is_private);
            is_taken.then_some(Self { first, bits })
        };
        read().ok_or_else(|| EksError::NotAServiceBlock(text.to_owned()))
    }
}

/// The first address of the network of so many bits.
fn network(address: Ipv4Addr, bits: u8) -> Option<Ipv4Addr> {
    let rest = 32_u32.checked_sub(bits.into())?;
    let mask = u32::MAX.checked_shl(rest).unwrap_or_default();
    Some(Ipv4Addr::from(u32::from(address) & mask))
}

impl fmt::Display for ServiceBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

impl TryFrom<String> for ServiceBlock {
    type Error = EksError;

    fn try_from(text: String) -> Result<Self, EksError> {
        text.parse()
    }
}

impl From<ServiceBlock> for String {
    fn from(block: ServiceBlock) -> Self {
        block.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_private_whole_and_neither_too_small_nor_too_large() {
        for text in [
            "10.100.0.0/16",
            "10.0.0.0/12",
            "172.16.0.0/12",
            "172.31.255.0/24",
            "192.168.0.0/16",
            "192.168.7.0/24",
        ] {
            let block = text.parse::<ServiceBlock>();
            assert_eq!(block.map(|block| block.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "10.100.0.0",
            "10.0.0.0/8",
            "10.1.1.0/25",
            "10.100.7.9/16",
            "172.32.0.0/16",
            "192.0.0.0/12",
            "100.64.0.0/16",
            "8.8.0.0/16",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "fd00::/108",
        ] {
            let refused = text.parse::<ServiceBlock>().unwrap_err();
            assert_eq!(refused.code(), "InvalidParameterException", "{text}");
        }
    }
}
