#include "client/error.h"

#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "client/json_text.h"
#include "crypto/encoding.h"
#include "policy/printable.h"

namespace entente::client {
namespace {

constexpr absl::string_view kPayload = "entente/failure";

absl::StatusCode StatusCodeOf(ExitCode exit) {
  switch (exit) {
    case ExitCode::kUsage:
      return absl::StatusCode::kInvalidArgument;
    case ExitCode::kRefused:
      return absl::StatusCode::kPermissionDenied;
    case ExitCode::kNotAuthenticated:
      return absl::StatusCode::kUnauthenticated;
    case ExitCode::kConflict:
      return absl::StatusCode::kAlreadyExists;
    case ExitCode::kVerificationFailed:
      return absl::StatusCode::kDataLoss;
    case ExitCode::kUnavailable:
      return absl::StatusCode::kUnavailable;
    case ExitCode::kPartial:
      return absl::StatusCode::kAborted;
    case ExitCode::kOk:
    case ExitCode::kFailed:
      break;
  }
  return absl::StatusCode::kUnknown;
}

ExitCode ExitCodeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kRefused;
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kNotAuthenticated;
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kConflict;
    case absl::StatusCode::kDataLoss:
      return ExitCode::kVerificationFailed;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kUnavailable;
    default:
      return ExitCode::kFailed;
  }
}

std::string Pack(const Failure& failure, ExitCode exit) {
  crypto::Bytes bytes;
  crypto::AppendU8(&bytes, static_cast<uint8_t>(exit));
  for (const std::string* text :
       {&failure.what, &failure.why, &failure.next, &failure.code,
        &failure.request_id, &failure.ledger}) {
    crypto::AppendU32(&bytes, static_cast<uint32_t>(text->size()));
    crypto::AppendRaw(&bytes, *text);
  }
  crypto::AppendU64(&bytes, failure.entry);
  return {bytes.begin(), bytes.end()};
}

absl::StatusOr<std::string> UnpackText(crypto::ByteReader* reader) {
  const absl::StatusOr<uint32_t> size = reader->U32();
  if (!size.ok()) return size.status();
  const auto text = reader->Raw(*size);
  if (!text.ok()) return text.status();
  return std::string(text->begin(), text->end());
}

bool Unpack(absl::string_view packed, Failure* failure) {
  crypto::ByteReader reader(crypto::AsBytes(packed));
  const absl::StatusOr<uint8_t> exit = reader.U8();
  if (!exit.ok() || *exit > static_cast<uint8_t>(ExitCode::kPartial)) {
    return false;
  }
  failure->exit = static_cast<ExitCode>(*exit);
  for (std::string* text :
       {&failure->what, &failure->why, &failure->next, &failure->code,
        &failure->request_id, &failure->ledger}) {
    absl::StatusOr<std::string> read = UnpackText(&reader);
    if (!read.ok()) return false;
    *text = *std::move(read);
  }
  const absl::StatusOr<uint64_t> entry = reader.U64();
  if (!entry.ok()) return false;
  failure->entry = *entry;
  return reader.ExpectEnd().ok();
}

}  // namespace

absl::Status ToStatus(const Failure& failure) {
  const ExitCode exit =
      failure.exit == ExitCode::kOk ? ExitCode::kFailed : failure.exit;
  absl::Status status(StatusCodeOf(exit), failure.what);
  status.SetPayload(kPayload, absl::Cord(Pack(failure, exit)));
  return status;
}

Failure FromStatus(const absl::Status& status) {
  Failure failure;
  const auto payload = status.GetPayload(kPayload);
  if (payload.has_value() && Unpack(std::string(*payload), &failure)) {
    return failure;
  }
  failure = Failure();
  failure.what = std::string(status.message());
  if (failure.what.empty()) failure.what = "failed without saying why";
  failure.code = absl::StatusCodeToString(status.code());
  failure.exit = ExitCodeOf(status.code());
  return failure;
}

absl::Status Annotate(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return status;
  Failure failure = FromStatus(status);
  failure.why = failure.why.empty()
                    ? failure.what
                    : absl::StrCat(failure.what, ": ", failure.why);
  failure.what = std::string(what);
  return ToStatus(failure);
}

absl::Status UsageError(absl::string_view what, absl::string_view next) {
  return ToStatus({.what = std::string(what),
                   .next = std::string(next),
                   .code = "USAGE",
                   .exit = ExitCode::kUsage});
}

absl::Status VerificationError(absl::string_view what, absl::string_view why) {
  return ToStatus({.what = std::string(what),
                   .why = std::string(why),
                   .next = "keep the files as they are and tell the overseer",
                   .code = "VERIFICATION_FAILED",
                   .exit = ExitCode::kVerificationFailed});
}

std::string FailureText(const Failure& failure) {
  std::string text =
      absl::StrCat("error:   ", policy::Printable(failure.what), "\n");
  if (!failure.why.empty()) {
    absl::StrAppend(&text, "why:     ", policy::Printable(failure.why), "\n");
  }
  if (!failure.next.empty()) {
    absl::StrAppend(&text, "next:    ", policy::Printable(failure.next), "\n");
  }
  absl::StrAppend(&text, "code:    ", policy::Printable(failure.code));
  if (!failure.request_id.empty()) {
    absl::StrAppend(&text,
                    "   request: ", policy::Printable(failure.request_id));
  }
  if (!failure.ledger.empty()) {
    absl::StrAppend(&text, "   recorded in ledger ",
                    policy::Printable(failure.ledger), " as entry ",
                    failure.entry);
  }
  return absl::StrCat(text, "\n");
}

std::string FailureJson(const Failure& failure) {
  return absl::StrCat(
      "{\"schema\":1,\"error\":{\"what\":", JsonString(failure.what),
      ",\"why\":", JsonString(failure.why),
      ",\"next\":", JsonString(failure.next),
      ",\"code\":", JsonString(failure.code),
      ",\"request_id\":", JsonString(failure.request_id),
      failure.ledger.empty()
          ? std::string()
          : absl::StrCat(",\"ledger\":", JsonString(failure.ledger),
                         ",\"entry\":", failure.entry),
      ",\"exit\":", static_cast<int>(failure.exit), "}}\n");
}

}  // namespace entente::client
