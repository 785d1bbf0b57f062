// Reads messages whose bytes are signed or hashed.
#ifndef ENTENTE_PROTO_STRICT_H_
#define ENTENTE_PROTO_STRICT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace google::protobuf {
class Message;
}

namespace entente {

// Fills `message` from `bytes`. InvalidArgument unless the bytes are exactly
// what a serialiser that writes known fields once, in order of their numbers
// and without defaults, would write: unknown fields, duplicates and bad UTF-8
// are refused, so two readers cannot take one signed message in two ways.
absl::Status ParseStrict(absl::Span<const uint8_t> bytes,
                         google::protobuf::Message* message);

}  // namespace entente

#endif  // ENTENTE_PROTO_STRICT_H_
