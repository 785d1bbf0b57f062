// What an enrolment needs to go on after a crash.
#ifndef ENTENTE_CLIENT_ENROLMENT_STATE_H_
#define ENTENTE_CLIENT_ENROLMENT_STATE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/pseudonym_table.h"
#include "crypto/group.h"

namespace entente::client {

// One request, before it is answered. The lists are of equal length, at most
// crypto::kMaxVoprfBatch.
struct PendingRequest {
  std::array<uint8_t, 16> request_id = {};
  std::string scheme;
  uint32_t epoch = 0;
  std::vector<crypto::SecretScalar> blinds;
  std::vector<std::string> identifiers;  // canonical
  std::vector<std::vector<std::string>> references;
};

// The request id in hex: its key in the table.
std::string RequestName(const PendingRequest& request);

// As PseudonymTable::PutPending; InvalidArgument if a text is longer than
// 65,535 bytes.
absl::Status PutPendingRequest(const std::string& agreement,
                               const PendingRequest& request,
                               PseudonymTable* table);

// The requests of an agreement that were not answered, oldest first. DataLoss
// if one cannot be read.
absl::StatusOr<std::vector<PendingRequest>> PendingRequests(
    absl::string_view agreement, PseudonymTable* table);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ENROLMENT_STATE_H_
