//! One account as the snapshot holds it.

use crate::accesses::Accesses;
use crate::entity::{Entity, Kept, Shelf};
use crate::error::IamError;
use crate::last_use::LastUse;
use crate::managed::managed_policy;
use crate::operations::access_reports::AccessReport;
use crate::operations::credential_report::CredentialReport;
use crate::records::{
    AccessKey, AccountRecord, Group, InstanceProfile, OidcProvider, Policy, Role, User,
};
use names::{
    AccessKeyId, AccountId, GroupArn, InstanceProfileArn, Partition, PolicyArn, PolicyOwner,
    ProviderArn, RoleArn, UniqueId, UserArn,
};
use policy::TrustPolicy;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Revision;

/// Everything in one account. Cloning copies pointers, not records.
#[derive(Debug, Clone)]
pub struct Account {
    pub(crate) id: AccountId,
    pub(crate) record: AccountRecord,
    pub(crate) modified: Revision,
    pub(crate) roles: Shelf<Role>,
    pub(crate) users: Shelf<User>,
    pub(crate) groups: Shelf<Group>,
    pub(crate) policies: Shelf<Policy>,
    pub(crate) providers: Shelf<OidcProvider>,
    pub(crate) instance_profiles: Shelf<InstanceProfile>,
    pub(crate) last_uses: BTreeMap<String, Arc<LastUse>>,
    pub(crate) accesses: BTreeMap<String, Arc<Accesses>>,
    pub(crate) credential_report: Option<Arc<CredentialReport>>,
    pub(crate) access_reports: BTreeMap<String, Arc<AccessReport>>,
    pub(crate) index: Index,
}

impl Account {
    /// An account without contents; `modified` is the commit that wrote its own record.
    #[must_use]
    pub(crate) fn new(id: AccountId, record: AccountRecord, modified: Revision) -> Self {
        Self {
            id,
            record,
            modified,
            roles: BTreeMap::new(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            policies: BTreeMap::new(),
            providers: BTreeMap::new(),
            instance_profiles: BTreeMap::new(),
            last_uses: BTreeMap::new(),
            accesses: BTreeMap::new(),
            credential_report: None,
            access_reports: BTreeMap::new(),
            index: Index::default(),
        }
    }

    /// Its twelve digits.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.id
    }

    /// Which AWS it is in.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.record.partition
    }

    /// Its own record.
    #[must_use]
    pub fn record(&self) -> &AccountRecord {
        &self.record
    }

    /// The entity of that name.
    ///
    /// # Errors
    /// The kind's `NoSuchEntity`.
    pub fn find<E: Entity + 'static>(&self, name: &E::Name) -> Result<&Arc<Kept<E>>, IamError> {
        E::shelf(self)
            .get(&*E::key(name))
            .ok_or_else(|| E::missing(name, self))
    }

    /// All entities of a kind, in the order of their names.
    pub fn all<E: Entity + 'static>(&self) -> impl Iterator<Item = &Arc<Kept<E>>> {
        E::shelf(self).values()
    }

    /// The role with that ARN; the path must be right, and the case of the name.
    #[must_use]
    pub fn role(&self, arn: &RoleArn) -> Option<&Arc<Kept<Role>>> {
        let role = self.find::<Role>(arn.name()).ok()?;
        let is_here = arn.partition() == self.partition() && arn.account() == self.id;
        let is_same = role.path == *arn.path() && role.name == *arn.name();
        (is_here && is_same).then_some(role)
    }

    /// The role with that unique id.
    #[must_use]
    pub fn role_by_id(&self, id: &UniqueId) -> Option<&Arc<Kept<Role>>> {
        self.roles.get(self.index.roles.get(id)?)
    }

    /// The user with that unique id.
    #[must_use]
    pub fn user_by_id(&self, id: &UniqueId) -> Option<&Arc<Kept<User>>> {
        self.users.get(self.index.users.get(id)?)
    }

    /// The user that an access key belongs to, and the key.
    #[must_use]
    pub fn access_key(&self, id: &AccessKeyId) -> Option<(&Arc<Kept<User>>, &AccessKey)> {
        let user = self.users.get(self.index.access_keys.get(id)?)?;
        Some((user, user.access_keys.iter().find(|key| key.id == *id)?))
    }

    /// The groups that a user is in.
    pub fn groups_of<'a>(
        &'a self,
        user: &'a UniqueId,
    ) -> impl Iterator<Item = &'a Arc<Kept<Group>>> {
        self.groups
            .values()
            .filter(move |group| group.members.contains(user))
    }

    /// The customer managed policy with that ARN.
    #[must_use]
    pub fn policy(&self, arn: &PolicyArn) -> Option<&Arc<Kept<Policy>>> {
        let policy = self.policies.get(&*arn.name().folded())?;
        (self.policy_arn(policy) == *arn).then_some(policy)
    }

    /// The document in force of any managed policy that this account can attach, AWS's own too.
    #[must_use]
    pub fn managed_document(&self, arn: &PolicyArn) -> Option<&str> {
        match arn.owner() {
            PolicyOwner::Aws => managed_policy(arn).map(|policy| policy.document.as_str()),
            PolicyOwner::Account(_) => self.policy(arn).map(|policy| policy.document()),
        }
    }

    /// A role's trust policy, parsed once.
    #[must_use]
    pub fn trust_of<'a>(&self, role: &'a Kept<Role>) -> Option<&'a Arc<TrustPolicy>> {
        role.kept_trust
            .get_or_init(|| role.trust.policy().map(Arc::new))
            .as_ref()
    }

    /// The ARN of a role here.
    #[must_use]
    pub fn role_arn(&self, role: &Role) -> RoleArn {
        RoleArn::new(self.partition(), self.id, &role.path, &role.name)
    }

    /// The ARN of a user here.
    #[must_use]
    pub fn user_arn(&self, user: &User) -> UserArn {
        UserArn::new(self.partition(), self.id, &user.path, &user.name)
    }

    /// The ARN of a group here.
    #[must_use]
    pub fn group_arn(&self, group: &Group) -> GroupArn {
        GroupArn::new(self.partition(), self.id, &group.path, &group.name)
    }

    /// The ARN of a customer managed policy here.
    #[must_use]
    pub fn policy_arn(&self, policy: &Policy) -> PolicyArn {
        PolicyArn::new(
            self.partition(),
            PolicyOwner::Account(self.id),
            &policy.path,
            &policy.name,
        )
    }

    /// The ARN of an OIDC provider here.
    #[must_use]
    pub fn provider_arn(&self, provider: &OidcProvider) -> ProviderArn {
        ProviderArn::new(self.partition(), self.id, provider.url.as_provider_name())
    }

    /// The ARN of an instance profile here.
    #[must_use]
    pub fn instance_profile_arn(&self, profile: &InstanceProfile) -> InstanceProfileArn {
        InstanceProfileArn::new(self.partition(), self.id, &profile.path, &profile.name)
    }

    /// The unique id of the user or role with that ARN, whose last part is `resource`.
    pub(crate) fn id_of(&self, arn: &str, resource: &str) -> Option<UniqueId> {
        let (kind, rest) = resource.split_once('/')?;
        let name = rest.rsplit('/').next()?.to_ascii_lowercase();
        match kind {
            "role" => {
                let role = self.roles.get(&name)?;
                (self.role_arn(role).as_str() == arn).then(|| role.id.clone())
            }
            "user" => {
                let user = self.users.get(&name)?;
                (self.user_arn(user).as_str() == arn).then(|| user.id.clone())
            }
            _ => None,
        }
    }

    /// The ARN that a user or role of this account has now.
    pub(crate) fn arn_of(&self, id: &UniqueId) -> Option<String> {
        let role = self
            .role_by_id(id)
            .map(|role| self.role_arn(role).to_string());
        role.or_else(|| {
            self.user_by_id(id)
                .map(|user| self.user_arn(user).to_string())
        })
    }
}

/// Where the holder of an id stands on its shelf: every signed request asks this.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    roles: BTreeMap<UniqueId, String>,
    users: BTreeMap<UniqueId, String>,
    access_keys: BTreeMap<AccessKeyId, String>,
}

impl Account {
    pub(crate) fn put_role(&mut self, key: &str, role: Role) {
        self.take_role(key);
        self.index.roles.insert(role.id.clone(), key.to_owned());
        self.roles.insert(key.to_owned(), Arc::new(Kept::new(role)));
    }

    pub(crate) fn take_role(&mut self, key: &str) {
        if let Some(old) = self.roles.remove(key) {
            forget(&mut self.index.roles, &old.id, key);
        }
    }

    pub(crate) fn put_user(&mut self, key: &str, user: User) {
        self.take_user(key);
        self.index.users.insert(user.id.clone(), key.to_owned());
        for access_key in &user.access_keys {
            self.index
                .access_keys
                .insert(access_key.id.clone(), key.to_owned());
        }
        self.users.insert(key.to_owned(), Arc::new(Kept::new(user)));
    }

    /// Only what points to this place goes: a user who was renamed may stand at another one already.
    pub(crate) fn take_user(&mut self, key: &str) {
        let Some(old) = self.users.remove(key) else {
            return;
        };
        forget(&mut self.index.users, &old.id, key);
        for access_key in &old.access_keys {
            forget(&mut self.index.access_keys, &access_key.id, key);
        }
    }
}

fn forget<Id: Ord>(index: &mut BTreeMap<Id, String>, id: &Id, key: &str) {
    if index.get(id).is_some_and(|stands| stands == key) {
        index.remove(id);
    }
}
