// Looking for a secret wherever it might have come to lie.
#ifndef ENTENTE_TESTS_CANARY_CANARY_H_
#define ENTENTE_TESTS_CANARY_CANARY_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace entente::canary {

// How `secret`, of at least eight bytes, may stand in other bytes: as it is, in
// hexadecimal, in base64 at each of its three offsets (without what depends on
// neighbours), and in UTF-16.
std::vector<std::string> FormsOf(absl::string_view secret);

// The first of `forms` in `bytes`; empty if none is there.
std::string FindIn(absl::string_view bytes,
                   const std::vector<std::string>& forms);

// The files below `folder` that hold one, each with the form.
std::vector<std::string> FilesWith(const std::string& folder,
                                   const std::vector<std::string>& forms);

// What of `forms` stands in the writable memory of a process; empty if nothing
// does. PermissionDenied if this user may not read it. `bytes_read` is how much
// was looked at.
absl::StatusOr<std::string> FindInMemory(pid_t pid,
                                         const std::vector<std::string>& forms,
                                         uint64_t* bytes_read);

}  // namespace entente::canary

#endif  // ENTENTE_TESTS_CANARY_CANARY_H_
