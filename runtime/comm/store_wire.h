// The bytes between a store and its clients: messages of one kind byte and two length-prefixed strings.
#ifndef SWITCHYARD_RUNTIME_COMM_STORE_WIRE_H
#define SWITCHYARD_RUNTIME_COMM_STORE_WIRE_H

#include <cstdint>
#include <cstring>
#include <string>

namespace switchyard::comm::wire {

// hello: key = token, value = "rank/size".  set, get: key, value.  ok: value.  refused: value is the reason.
enum Kind : char { hello = 'H', set = 'S', get = 'G', ok = 'O', refused = 'R' };

inline constexpr size_t headerBytes = 9;
inline constexpr uint32_t maxPart = 1 << 20;

struct Message {
  char kind = 0;
  std::string key, value;
};

inline std::string encode(const Message &message) {
  std::string bytes(headerBytes, '\0');
  const uint32_t key = message.key.size(), value = message.value.size();
  bytes[0] = message.kind;
  std::memcpy(&bytes[1], &key, 4);
  std::memcpy(&bytes[5], &value, 4);
  return bytes + message.key + message.value;
}

enum class Decoded { message, incomplete, malformed };

/// Takes one message off the front of `bytes`, if it is there whole.
inline Decoded decode(std::string &bytes, Message &message) {
  if (bytes.size() < headerBytes)
    return Decoded::incomplete;
  uint32_t key, value;
  std::memcpy(&key, &bytes[1], 4);
  std::memcpy(&value, &bytes[5], 4);
  if (key > maxPart || value > maxPart)
    return Decoded::malformed;
  if (bytes.size() < headerBytes + key + value)
    return Decoded::incomplete;
  message = Message{bytes[0], bytes.substr(headerBytes, key), bytes.substr(headerBytes + key, value)};
  bytes.erase(0, headerBytes + key + value);
  return Decoded::message;
}

}  // namespace switchyard::comm::wire

#endif  // SWITCHYARD_RUNTIME_COMM_STORE_WIRE_H
