//! A store and the accounts picture over it, as the plane keeps them.

use iam::operations::{accounts, roles, users};
use iam::{Accounts, IamError, Role, Unreadable, User, Written};
use jiff::Timestamp;
use names::{AccountId, Partition, Path};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use store::{Key, MemoryStore, Range, Store};

pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) accounts: Accounts,
    drawn: u8,
}

pub(crate) fn ci() -> AccountId {
    "111111111111".parse().unwrap()
}

pub(crate) fn prod() -> AccountId {
    "444444444444".parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

pub(crate) const TRUSTS_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
pub(crate) const ALLOWS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"eks:ListClusters","Resource":"*"}]}"#;

pub(crate) fn trusts(arn: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            store: MemoryStore::new(),
            accounts: Accounts::default(),
            drawn: 0,
        };
        for id in [ci(), prod()] {
            world
                .run(|accounts| {
                    accounts::declare_account(accounts, id, Partition::Aws, None, now())
                })
                .unwrap();
        }
        world
    }

    /// Decides, commits, and takes the commit into the picture.
    pub(crate) fn run<T>(
        &mut self,
        operation: impl FnOnce(&Accounts) -> Result<Written<T>, IamError>,
    ) -> Result<T, IamError> {
        let written = operation(&self.accounts)?;
        let commit = ready(self.store.commit(written.transaction)).expect("no other writer");
        for event in commit.events.iter() {
            self.accounts.apply(event).unwrap();
        }
        Ok(written.output)
    }

    pub(crate) fn random(&mut self) -> [u8; 11] {
        self.drawn += 1;
        [self.drawn; 11]
    }

    pub(crate) fn role(
        &mut self,
        id: AccountId,
        name: &str,
        trust: &str,
    ) -> Result<Role, IamError> {
        let random = self.random();
        let new = roles::NewRole {
            path: Path::root(),
            name: name.parse().unwrap(),
            trust: trust.to_owned(),
            description: None,
            session_seconds_max: None,
            boundary: None,
            tags: Vec::new(),
        };
        self.run(|accounts| roles::create_role(accounts, id, new, now(), random))
    }

    pub(crate) fn user(&mut self, id: AccountId, name: &str) -> Result<User, IamError> {
        let random = self.random();
        let new = users::NewUser {
            path: Path::root(),
            name: name.parse().unwrap(),
            boundary: None,
            tags: Vec::new(),
        };
        self.run(|accounts| users::create_user(accounts.account(id)?, new, now(), random))
    }

    /// The picture as a fresh process would build it.
    pub(crate) fn reread(&self) -> Accounts {
        self.try_reread().unwrap()
    }

    pub(crate) fn try_reread(&self) -> Result<Accounts, Unreadable> {
        let listing = ready(self.store.range(Range::prefix(iam::PREFIX), None)).unwrap();
        Accounts::from_listing(&listing)
    }

    /// A record as it stands in the store.
    pub(crate) fn stored(&self, key: &Key) -> String {
        let listing = ready(self.store.range(Range::One(key.clone()), None)).unwrap();
        String::from_utf8(listing.entries[0].value.to_vec()).unwrap()
    }
}

/// Everything in a picture, as text.
pub(crate) fn contents(accounts: &Accounts) -> String {
    fn all<E: iam::Entity + std::fmt::Debug + 'static>(account: &iam::Account) -> String {
        account
            .all::<E>()
            .map(|kept| format!("{:?}\n", E::clone(kept)))
            .collect()
    }
    let one = |account: &Arc<iam::Account>| {
        format!(
            "{} {:?}\n{}{}{}{}{}{}",
            account.id(),
            account.record(),
            all::<Role>(account),
            all::<User>(account),
            all::<iam::Group>(account),
            all::<iam::Policy>(account),
            all::<iam::OidcProvider>(account),
            all::<iam::InstanceProfile>(account)
        )
    };
    accounts.iter().map(one).collect()
}

/// The memory store answers at once.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return value;
        }
    }
}
