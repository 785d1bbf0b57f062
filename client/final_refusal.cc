#include "client/final_refusal.h"

#include <optional>
#include <string>

#include "client/error.h"
#include "policy/reason.h"

namespace entente::client {

bool IsFinalRefusal(const absl::Status& status) {
  if (status.ok()) return false;
  const std::string code = FromStatus(status).code;
  // What is missing stands behind a colon.
  const auto reason = policy::ReasonOf(code.substr(0, code.find(':')));
  if (!reason.has_value() || *reason == policy::Reason::kChunkOrder) {
    return false;
  }
  switch (policy::InfoOf(*reason).status) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace entente::client
