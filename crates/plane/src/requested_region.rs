//! The region that a request asks: that of the endpoint which it was meant for.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion>

use names::Region;

/// The value of `aws:RequestedRegion`, and where the request is said to have happened.
///
/// IAM has one endpoint in each partition. Others are asked in the region that the request is signed
/// for (the global host of STS takes none but its own), or, unsigned, in that of the host's name.
pub(crate) fn requested_region(
    service: &str,
    signed_for: Option<&str>,
    host: &str,
    own: &Region,
) -> Region {
    let named = signed_for.or_else(|| sigv4::region_of_host(host));
    let other = named.filter(|name| *name != own.as_str());
    let region = other.and_then(|name| name.parse().ok());
    let region = region.unwrap_or_else(|| own.clone());
    match service {
        "iam" => Region::home(region.partition()),
        _ => region,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, signed_for: Option<&str>, host: &str, wanted: &str) {
        let own = "us-west-2".parse().unwrap();
        let found = requested_region(service, signed_for, host, &own);
        assert_eq!(found.as_str(), wanted);
    }

    #[test]
    fn a_signed_request_asks_the_region_it_is_signed_for() {
        for service in ["sts", "eks", "iam-toolbox", "rolecall"] {
            check(service, Some("eu-west-1"), "localhost:4566", "eu-west-1");
        }
        check("sts", Some("us-east-1"), "sts.amazonaws.com", "us-east-1");
    }

    #[test]
    fn iam_has_one_region_in_each_partition() {
        check("iam", Some("eu-west-1"), "localhost:4566", "us-east-1");
        check("iam", Some("cn-northwest-1"), "localhost", "cn-north-1");
        check("iam", Some("us-gov-east-1"), "localhost", "us-gov-west-1");
        check("iam", None, "iam.amazonaws.com", "us-east-1");
    }

    #[test]
    fn an_unsigned_request_asks_the_region_of_the_host() {
        check("sts", None, "sts.eu-west-1.amazonaws.com", "eu-west-1");
        check("sts", None, "sts.amazonaws.com:443", "us-east-1");
        check("sts", None, "localhost:4566", "us-west-2");
        check("sts", None, "sts.nowhere.amazonaws.com", "us-west-2");
    }

    #[test]
    fn what_is_no_region_counts_as_the_planes_own() {
        check("sts", Some("nowhere"), "localhost", "us-west-2");
    }
}
