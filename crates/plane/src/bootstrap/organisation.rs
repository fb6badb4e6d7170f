//! The organisation: what the file says, each time the plane starts.

use super::changed;
use crate::StartError;
use crate::config::PlaneConfig;
use crate::folder::Folder;
use crate::world::Worlds;

pub(super) async fn settle(
    worlds: &Worlds,
    config: &PlaneConfig,
    folder: &Folder,
) -> Result<(), StartError> {
    let declared = config
        .organisation()
        .map_err(|misfit| StartError::Config(misfit.to_string()))?;
    let settled = worlds.change(|world| {
        let written = match &declared {
            Some(organisation) => iam::declare_organisation(&world.accounts, organisation)?,
            None => iam::retract_organisation(&world.accounts),
        };
        Ok::<_, iam::IamError>((written.transaction, ()))
    });
    changed(settled.await, folder)
}
