// What a later version changes, shown to those who propose and sign it.
#ifndef ENTENTE_CLIENT_SHOWN_CHANGE_H_
#define ENTENTE_CLIENT_SHOWN_CHANGE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli.h"
#include "client/connected.h"
#include "client/verified_document.h"
#include "policy/agreement.h"

namespace entente::client {

// The version that `version`, 2 or above, is compared with: the one in force,
// or if that is not before it, the one before it. As FetchDocument.
absl::StatusOr<VerifiedDocument> FetchDiffBase(const Connected& connected,
                                               const std::string& agreement,
                                               uint32_t version);

// Prints what `after` changes against `before`, in words: as data for people,
// otherwise as talk, since then standard output is for the answer.
void ShowChange(Session& session, const policy::Agreement& before,
                const policy::Agreement& after);

// The same for any text.
void ShowText(Session& session, const std::string& text);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SHOWN_CHANGE_H_
