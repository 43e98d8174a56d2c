//! The functions that the library calls. Each only turns what C hands over into what the world takes.

use std::ffi::{c_char, c_int, c_long, c_uchar, c_uint, c_void};
use std::ptr::{NonNull, null_mut};

use session_model::ContextRef;
use session_model::application::Copy;

use super::handles::{RawContext, RawSession, RawSsl, Session, Ssl};
use super::sessions::number_of;
use super::symbols::{
    ExDup, ExFree, GenerateId, GetSession, NewSession, PskClient, PskServer, RemoveSession, ServerName, Verify,
};
use super::world::World;

/// By context: neither is told of which one it is, and a connection may have been switched to another.
pub(super) const NEW: [NewSession; 8] = [
    new_session::<0>,
    new_session::<1>,
    new_session::<2>,
    new_session::<3>,
    new_session::<4>,
    new_session::<5>,
    new_session::<6>,
    new_session::<7>,
];
/// By context.
pub(super) const GET: [GetSession; 8] = [
    get_session::<0>,
    get_session::<1>,
    get_session::<2>,
    get_session::<3>,
    get_session::<4>,
    get_session::<5>,
    get_session::<6>,
    get_session::<7>,
];
pub(super) const REMOVE: RemoveSession = remove_session;
pub(super) const GENERATE_ID: GenerateId = generate_id;
pub(super) const PSK_CLIENT: PskClient = psk_client;
pub(super) const PSK_SERVER: PskServer = psk_server;
pub(super) const SERVER_NAME: ServerName = server_name;
pub(super) const VERIFY: Verify = verify_nothing;
pub(super) const DUP: ExDup = number_not_copied;
pub(super) const FREE: ExFree = object_destroyed;

/// `SSL_TLSEXT_ERR_OK`
const TLSEXT_ERR_OK: c_int = 0;
/// `SSL_TLSEXT_ERR_NOACK`
const TLSEXT_ERR_NOACK: c_int = 3;
/// The key that both sides of every handshake know.
const PSK: [u8; 16] = [7; 16];
/// The name of that key, with its NUL.
const IDENTITY: &[u8] = b"u\0";

/// # Safety
///
/// Called by the library: both pointers are to live objects.
unsafe extern "C" fn new_session<const CONTEXT: u8>(_ssl: *mut RawSsl, session: *mut RawSession) -> c_int {
    let (Some(world), Some(session)) = (World::current(), NonNull::new(session)) else {
        return 0;
    };
    c_int::from(world.new_session(ContextRef(CONTEXT), Session(session)))
}

/// # Safety
///
/// Called by the library: `id` has `len` bytes, `copy` may be written.
unsafe extern "C" fn get_session<const CONTEXT: u8>(
    _ssl: *mut RawSsl,
    id: *const c_uchar,
    len: c_int,
    copy: *mut c_int,
) -> *mut RawSession {
    let (Some(world), Ok(len)) = (World::current(), usize::try_from(len)) else {
        return null_mut();
    };
    // SAFETY: the library hands over `len` bytes, which it keeps for as long as this runs.
    let id = unsafe { std::slice::from_raw_parts(id, len) };
    let Some((session, flag)) = world.get_session(ContextRef(CONTEXT), id) else {
        return null_mut();
    };
    let flag = match flag {
        Copy::Unset => return session.0.as_ptr(),
        Copy::Zero => 0,
        Copy::One => 1,
    };
    // SAFETY: the library lets it be written.
    unsafe { copy.write(flag) };
    session.0.as_ptr()
}

/// # Safety
///
/// Called by the library: both pointers are to live objects.
unsafe extern "C" fn remove_session(context: *mut RawContext, session: *mut RawSession) {
    if let (Some(world), Some(session)) = (World::current(), NonNull::new(session)) {
        world.remove_session(context, Session(session));
    }
}

/// Gives the id that the handshake under way has been given. Outside a world (the template's handshake) the zeros
/// that the library has put there stay.
///
/// # Safety
///
/// Called by the library: `id` has `*len` bytes, and both may be written.
unsafe extern "C" fn generate_id(ssl: *mut RawSsl, id: *mut c_uchar, len: *mut c_uint) -> c_int {
    let Some(world) = World::current() else {
        return 1;
    };
    let Some(given) = NonNull::new(ssl).and_then(|ssl| world.next_id(Ssl(ssl))) else {
        return 0;
    };
    let given = given.as_bytes();
    // SAFETY: the library lets it be read.
    let room = unsafe { len.read() };
    let Ok(length) = c_uint::try_from(given.len()) else {
        return 0;
    };
    if length > room {
        return 0;
    }
    // SAFETY: there is room for them, just seen; the id given is not the library's memory.
    unsafe { id.copy_from_nonoverlapping(given.as_ptr(), given.len()) };
    // SAFETY: the library lets it be written.
    unsafe { len.write(length) };
    1
}

/// # Safety
///
/// Called by the library: `identity` and `psk` have as many bytes as is said, and may be written.
unsafe extern "C" fn psk_client(
    _ssl: *mut RawSsl,
    _hint: *const c_char,
    identity: *mut c_char,
    identity_room: c_uint,
    psk: *mut c_uchar,
    room: c_uint,
) -> c_uint {
    if (identity_room as usize) < IDENTITY.len() {
        return 0;
    }
    // SAFETY: there is room for it, just seen; the constant is not the library's memory.
    unsafe { identity.copy_from_nonoverlapping(IDENTITY.as_ptr().cast(), IDENTITY.len()) };
    // SAFETY: as the library promises this function.
    unsafe { write_psk(psk, room) }
}

/// # Safety
///
/// Called by the library: `psk` has `room` bytes, and may be written.
unsafe extern "C" fn psk_server(
    _ssl: *mut RawSsl,
    _identity: *const c_char,
    psk: *mut c_uchar,
    room: c_uint,
) -> c_uint {
    // SAFETY: as the library promises this function.
    unsafe { write_psk(psk, room) }
}

/// Writes the key, and returns its length; 0: there is no room.
///
/// # Safety
///
/// `psk` has `room` bytes, and may be written.
unsafe fn write_psk(psk: *mut c_uchar, room: c_uint) -> c_uint {
    if (room as usize) < PSK.len() {
        return 0;
    }
    // SAFETY: there is room for it, just seen; the constant is not the library's memory.
    unsafe { psk.copy_from_nonoverlapping(PSK.as_ptr(), PSK.len()) };
    c_uint::try_from(PSK.len()).expect("16 bytes")
}

/// Switches the connection to the context that is meant, if one is.
///
/// # Safety
///
/// Called by the library: `ssl` is live.
unsafe extern "C" fn server_name(ssl: *mut RawSsl, _alert: *mut c_int, _argument: *mut c_void) -> c_int {
    let switched = World::current().zip(NonNull::new(ssl)).is_some_and(|(world, ssl)| world.switch(Ssl(ssl)));
    if switched { TLSEXT_ERR_OK } else { TLSEXT_ERR_NOACK }
}

/// Whoever the peer says it is, it is.
///
/// # Safety
///
/// None is needed: nothing is followed.
unsafe extern "C" fn verify_nothing(_verified: c_int, _store: *mut c_void) -> c_int {
    1
}

/// A copy that the library makes of an object is another object, and nobody has named it.
///
/// # Safety
///
/// Called by the library: `value` is the copy's, and may be written.
unsafe extern "C" fn number_not_copied(
    _to: *mut c_void,
    _from: *const c_void,
    value: *mut *mut c_void,
    _index: c_int,
    _long: c_long,
    _pointer: *mut c_void,
) -> c_int {
    // SAFETY: the library lets it be written.
    unsafe { value.write(null_mut()) };
    1
}

/// # Safety
///
/// None is needed: neither pointer is followed.
unsafe extern "C" fn object_destroyed(
    session: *mut c_void,
    number: *mut c_void,
    _ex_data: *mut c_void,
    _index: c_int,
    _long: c_long,
    _pointer: *mut c_void,
) {
    if let (Some(number), Some(world)) = (number_of(number), World::current()) {
        world.object_destroyed(number, session.cast());
    }
}
