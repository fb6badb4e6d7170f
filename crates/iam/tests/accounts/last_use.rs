//! Which last uses are written, and which forgotten.

use crate::world::{TRUSTS_EC2, World, ci, now};
use iam::operations::roles;
use iam::{LastUse, Written, write_last_uses};
use jiff::SignedDuration;

/// So many seconds from now on.
fn used(seconds: i64, service: &str) -> LastUse {
    LastUse {
        at: now() + SignedDuration::from_secs(seconds),
        service: service.into(),
        region: "us-west-2".parse().unwrap(),
    }
}

fn write(world: &mut World, id: &str, last: &LastUse) {
    let written = world.run(|accounts| {
        let transaction = write_last_uses(accounts.account(ci())?, [(id, last)])?;
        let output = ();
        Ok(Written {
            transaction,
            output,
        })
    });
    written.unwrap();
}

fn known(world: &World, id: &str) -> Option<LastUse> {
    let kept = world.accounts.account(ci()).unwrap().last_use(id).cloned();
    let reread = world.reread();
    assert_eq!(reread.account(ci()).unwrap().last_use(id), kept.as_ref());
    kept
}

#[test]
fn a_later_use_takes_the_place_of_an_earlier_one_and_goes_with_its_role() {
    let mut world = World::new();
    let role = world.role(ci(), "r", TRUSTS_EC2).unwrap();
    let id = role.id.as_str();
    assert_eq!(known(&world, id), None);
    write(&mut world, id, &used(5, "sts"));
    write(&mut world, id, &used(4, "iam"));
    assert_eq!(known(&world, id), Some(used(5, "sts")));
    write(&mut world, id, &used(6, "eks"));
    assert_eq!(known(&world, id), Some(used(6, "eks")));
    let account = |world: &World| world.accounts.account(ci()).unwrap().record().writes;
    let writes = account(&world);
    write(&mut world, id, &used(7, "eks"));
    assert_eq!(account(&world), writes, "no change of the account");
    world
        .run(|accounts| roles::delete_role(accounts.account(ci())?, &role.name))
        .unwrap();
    write(&mut world, id, &used(8, "eks"));
    assert_eq!(known(&world, id), None);
}
