//! Who a citizen is to this hub: what a device keeps of whom it has seen, and what the register of persons says.

pub mod device;
pub mod register_check;
