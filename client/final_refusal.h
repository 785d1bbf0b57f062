// Whether trying again is of use.
#ifndef ENTENTE_CLIENT_FINAL_REFUSAL_H_
#define ENTENTE_CLIENT_FINAL_REFUSAL_H_

#include "absl/status/status.h"

namespace entente::client {

// Whether the broker refused for a reason that the same bytes will meet again:
// they are given up. False for OK, for what it could not do just now, for
// chunks out of order, for a caller who is not let in, and for errors that are
// not the broker's.
bool IsFinalRefusal(const absl::Status& status);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FINAL_REFUSAL_H_
