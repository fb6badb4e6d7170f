//! What an operation is done to, and how policies and denials name it.

use crate::context::RequestContext;
use names::{AccountId, FederatedUserArn, RoleArn};

/// What an operation can be done to, as it is named in a place: an account, say, that knows its path.
pub trait Target<Place: ?Sized> {
    /// The ARN that is decided on.
    fn arn(&self, place: &Place) -> String;

    /// The account that owns it.
    fn owner(&self, place: &Place) -> AccountId;

    /// How a denial names it, if not by its ARN.
    fn shown(&self, _place: &Place) -> Option<String> {
        None
    }

    /// The condition keys that it gives itself: its tags, say.
    fn keys(&self, _place: &Place) -> RequestContext {
        RequestContext::new()
    }
}

/// A target, with what it is to policies.
///
/// All of that is made from the target, and a [`Permit`](crate::Permit) hands out that same target:
/// what was checked is what is used.
#[derive(Debug, Clone)]
pub struct Resource<T> {
    pub(crate) target: T,
    pub(crate) named: Named,
}

/// What a target is to policies.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) arn: String,
    pub(crate) owner: AccountId,
    pub(crate) shown: Option<String>,
    keys: RequestContext,
}

impl<T> Resource<T> {
    /// The target in that place.
    pub fn of<Place: ?Sized>(target: T, place: &Place) -> Self
    where
        T: Target<Place>,
    {
        let named = Named {
            arn: target.arn(place),
            owner: target.owner(place),
            shown: target.shown(place),
            keys: target.keys(place),
        };
        Self { target, named }
    }

    /// The target of an operation for which policies know no resource: decided on `*`, in an account.
    pub fn unnamed(target: T, account: AccountId) -> Self {
        let named = Named {
            arn: "*".to_owned(),
            owner: account,
            shown: None,
            keys: RequestContext::new(),
        };
        Self { target, named }
    }

    /// Has denials name it like this.
    #[must_use]
    pub fn shown_as(mut self, text: String) -> Self {
        self.named.shown = Some(text);
        self
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &T {
        &self.target
    }

    /// The account that owns it; without a resource, the one in which the operation is done.
    #[must_use]
    pub fn owner(&self) -> AccountId {
        self.named.owner
    }

    /// The condition keys that it gives itself.
    #[must_use]
    pub fn keys(&self) -> &RequestContext {
        &self.named.keys
    }
}

/// What names itself is named alike everywhere.
impl<T: Target<()>> From<T> for Resource<T> {
    fn from(target: T) -> Self {
        Self::of(target, &())
    }
}

/// A target with more that the operation needs is named as the target.
impl<Place: ?Sized, T: Target<Place>, More> Target<Place> for (T, More) {
    fn arn(&self, place: &Place) -> String {
        self.0.arn(place)
    }

    fn owner(&self, place: &Place) -> AccountId {
        self.0.owner(place)
    }

    fn shown(&self, place: &Place) -> Option<String> {
        self.0.shown(place)
    }

    fn keys(&self, place: &Place) -> RequestContext {
        self.0.keys(place)
    }
}

macro_rules! named_by_itself {
    ($($arn:ty)*) => {$(
        impl Target<()> for $arn {
            fn arn(&self, (): &()) -> String {
                self.to_string()
            }

            fn owner(&self, (): &()) -> AccountId {
                self.account()
            }
        }
    )*};
}

named_by_itself! { FederatedUserArn RoleArn }
