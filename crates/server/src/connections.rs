//! What connections need of the settings: the key that seals their secrets, and how long they are patient.

use crate::config::Config;
use intake::Sealer;
use kernel::Secret;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The file of the key in the data folder, where the settings name none.
const FILE: &str = "secret.key";

/// What seals the secrets of connections: the key of the settings, else that in the data folder, which is made where there is none.
///
/// # Errors
/// A sentence that names the setting or the file.
pub fn sealer(config: &Config) -> Result<Sealer, String> {
    if let Some(key) = &config.secret_key {
        return Sealer::new(key).map_err(|error| format!("secret_key: {error}"));
    }
    let path = config.data_dir.join(FILE);
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let key = match fs::read_to_string(&path) {
        Ok(key) => Secret::new(key),
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path)?,
        Err(error) => return Err(told(&error)),
    };
    Sealer::new(&key).map_err(|error| told(&error))
}

/// Makes a key that nobody else may read. Of two programs that begin at once one makes it, whole, and the other reads it.
fn make(path: &Path) -> Result<Secret, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: it cannot be made: {error}", path.display());
    let key = Sealer::new_key().map_err(|error| told(&error))?;
    let own = path.with_extension(format!("{}.partial", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&own)
        .map_err(|error| told(&error))?;
    file.write_all(key.expose().as_bytes()).and_then(|()| file.sync_all()).map_err(|error| told(&error))?;
    let linked = fs::hard_link(&own, path);
    let _ = fs::remove_file(&own);
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::read_to_string(path).map(Secret::new).map_err(|error| told(&error))
        }
        Err(error) => Err(told(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let dir = std::env::temp_dir().join(format!("sideline-{}", kernel::new_id()));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join(FILE);
        let first = make(&path).unwrap();
        assert_eq!(make(&path).unwrap().expose(), first.expose(), "whoever comes second takes that of the first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "nothing is left beside it");
        Sealer::new(&first).unwrap();
        assert!(make(&dir.join("nowhere/secret.key")).unwrap_err().contains("cannot be made"));
        fs::remove_dir_all(&dir).unwrap();
    }
}
