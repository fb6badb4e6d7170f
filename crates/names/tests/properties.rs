//! What holds for every text. The same functions run under the fuzzer.

#[path = "properties/arn.rs"]
mod arn;

use names::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,80}") {
        arn::holds(&text);
    }

    #[test]
    fn what_looks_like_an_arn_is_read_or_refused_alike(text in arn_like()) {
        arn::holds(&text);
    }

    #[test]
    fn a_key_id_tells_the_account_it_was_made_in(
        number in 0..=AccountId::NUMBER_MAX,
        random in any::<[u8; 5]>(),
        is_temporary in any::<bool>(),
    ) {
        let kind = if is_temporary { KeyKind::Temporary } else { KeyKind::LongTerm };
        let account = AccountId::from_number(number).unwrap();
        let key = AccessKeyId::new(kind, account, random);
        prop_assert_eq!(key.as_str().parse(), Ok(key.clone()));
        prop_assert_eq!((key.kind(), key.account()), (kind, Some(account)));
        prop_assert_eq!(account.number(), number);
    }

    #[test]
    fn ids_made_here_are_well_spelt(id in any::<[u8; 11]>(), random in any::<[u8; 16]>()) {
        for kind in IdKind::ALL {
            let id = UniqueId::from_random(kind, id);
            prop_assert_eq!(id.as_str().parse(), Ok(id.clone()));
            prop_assert_eq!(id.kind(), kind);
        }
        let request = RequestId::from_random(random);
        let read = request.as_str().parse();
        prop_assert_eq!(read, Ok(request));
        let authorization = AuthorizationId::from_random(random);
        let read = authorization.as_str().parse();
        prop_assert_eq!(read, Ok(authorization));
    }

    #[test]
    fn parts_put_together_are_read_back(path in "/([!-~]{1,9}/)?", name in "[A-Za-z0-9_+=,.@-]{1,64}") {
        let account = AccountId::from_number(7).unwrap();
        let (path, name) = (path.parse::<Path>().unwrap(), name.parse::<RoleName>().unwrap());
        let arn = RoleArn::new(Partition::AwsCn, account, &path, &name);
        let read: RoleArn = arn.as_str().parse().unwrap();
        prop_assert_eq!((read.path(), read.name()), (&path, &name));
    }
}

fn arn_like() -> impl Strategy<Value = String> {
    let service = prop_oneof!["iam", "sts", "eks", "[a-z-]{0,4}"];
    let region = prop_oneof!["", "us-west-2", "[a-z0-9-]{0,6}"];
    let account = prop_oneof!["[0-9]{12}", "aws", "[a-z0-9*]{0,13}"];
    let kind = prop_oneof![
        "role/",
        "user/",
        "group/",
        "policy/",
        "instance-profile/",
        "oidc-provider/",
        "assumed-role/",
        "federated-user/",
        "cluster/",
        "[a-z:/]{0,6}",
    ];
    let rest = "[A-Za-z0-9/:.*\u{e9}-]{0,20}";
    (service, region, account, kind, rest).prop_map(|(service, region, account, kind, rest)| {
        format!("arn:aws:{service}:{region}:{account}:{kind}{rest}")
    })
}
