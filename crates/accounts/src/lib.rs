//! Users and teams: who comes in, what they may see, and what people did.

pub mod answers;
mod attempts;
pub mod audit;
mod auth;
mod error;
pub mod http;
mod password;
mod sessions;
mod settings;
mod store;
mod teams;
mod tokens;
mod users;

pub use auth::{Auth, NewUser, Registration, Tokens};
pub use error::AccountError;
pub use password::{Hashed, chosen};
pub use sessions::{Seen, Session, sessions};
pub use settings::{Settings, ShownOfOthers, change_settings, settings};
pub use store::{User, find_rep, find_user, has_account, name_key, rep, team, user};
pub use teams::{
    Assignment, Invitation, Invited, Member, Team, add_member, assign, assignments, delete_team, invitations, invite,
    make_team, may_see, members, remove_member, rename_team, sees, team_of, teams, unassign, withdraw,
};
pub use users::{
    Account, AccountChange, UserFilter, add_user, change_user, like, list_users, named_by_calls, remove_user,
};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_access;
