#include "client/rpc/call_error.h"

#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/error.h"
#include "entente/v1/access.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace entente::client {
namespace {

ExitCode ExitOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ExitCode::kRefused;
    case grpc::StatusCode::UNAUTHENTICATED:
      return ExitCode::kNotAuthenticated;
    case grpc::StatusCode::ALREADY_EXISTS:
      return ExitCode::kConflict;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ExitCode::kUnavailable;
    default:
      return ExitCode::kFailed;
  }
}

// What the broker itself calls a ledger that contradicts what was shown: an
// alarm, and no refusal by the agreement.
constexpr char kStaleView[] = "STALE_VIEW";

void ReadRefusal(const v1::Refusal& refusal, Failure* failure) {
  std::vector<std::string> why;
  std::vector<std::string> next;
  for (const v1::RefusedCondition& condition : refusal.conditions()) {
    why.push_back(
        condition.clause().empty()
            ? absl::StrCat(condition.reason(), ": ", condition.detail())
            : absl::StrCat(condition.reason(), ": ", condition.detail(), " (",
                           condition.clause(), ")"));
    const bool said = !next.empty() && next.back() == condition.remedy();
    if (!condition.remedy().empty() && !said)
      next.push_back(condition.remedy());
  }
  failure->why = absl::StrJoin(why, "; ");
  failure->next = absl::StrJoin(next, "; ");
  failure->ledger = refusal.ledger();
  failure->entry = refusal.entry_index();
}

// Whether a broker took the connection and closed it before the first call. In
// TLS 1.3 it judges the certificate only after the client's handshake is done,
// and gRPC tells no more than this.
bool IsRefusedLogin(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return false;
  const std::string& message = status.error_message();
  return absl::StrContains(message, "failed to connect to all addresses") &&
         absl::StrContains(message, "Socket closed");
}

Failure WithoutDetails(const grpc::Status& status) {
  Failure failure;
  failure.exit = ExitOf(status.error_code());
  if (IsRefusedLogin(status)) {
    failure.what = "the broker closed the connection before the first call";
    failure.why =
        "it does so when a certificate does not count, and does not say why";
    failure.next =
        "check that this certificate is in date and not revoked, that your "
        "agency's registered root issued it, and that the operator has "
        "registered your agency; if all that holds, the broker may have been "
        "stopping: try again";
    failure.code = "LOGIN_REFUSED";
    failure.exit = ExitCode::kNotAuthenticated;
    return failure;
  }
  if (failure.exit == ExitCode::kUnavailable) {
    failure.what = "the broker cannot be reached, or closed the connection";
    failure.why = status.error_message();
    failure.next =
        "check that it runs at the profile's address and that this "
        "certificate is in date and not revoked; then try again";
    failure.code = "UNAVAILABLE";
    return failure;
  }
  failure.what = status.error_message().empty() ? "the call failed"
                                                : status.error_message();
  failure.code = absl::StatusCodeToString(
      static_cast<absl::StatusCode>(status.error_code()));
  return failure;
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  Failure failure = WithoutDetails(status);
  google::rpc::Status details;
  if (status.error_details().empty() ||
      !details.ParseFromString(status.error_details())) {
    return ToStatus(failure);
  }
  for (const auto& packed : details.details()) {
    google::rpc::ErrorInfo info;
    v1::Refusal refusal;
    if (packed.UnpackTo(&info) && !info.reason().empty()) {
      failure.what = absl::StrCat("refused: ", status.error_message());
      failure.code = info.reason();
      if (failure.code == kStaleView) {
        failure.exit = ExitCode::kVerificationFailed;
      }
    } else if (packed.UnpackTo(&refusal)) {
      ReadRefusal(refusal, &failure);
    }
  }
  return ToStatus(failure);
}

}  // namespace entente::client
