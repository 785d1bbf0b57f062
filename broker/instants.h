// Instants in the form of the wire.
#ifndef ENTENTE_BROKER_INSTANTS_H_
#define ENTENTE_BROKER_INSTANTS_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace entente::broker {

// Whole milliseconds; what is finer is cut.
inline void SetTimestamp(absl::Time time, google::protobuf::Timestamp* packed) {
  const int64_t milliseconds = absl::ToUnixMillis(time);
  const int64_t seconds = absl::ToUnixSeconds(time);
  packed->set_seconds(seconds);
  packed->set_nanos(
      static_cast<int32_t>((milliseconds - seconds * 1000) * 1000000));
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_INSTANTS_H_
