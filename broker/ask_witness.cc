#include "broker/ask_witness.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "crypto/add_checkpoint.h"
#include "crypto/cosignature.h"
#include "policy/printable.h"

namespace entente::broker {
namespace {

using Kind = WitnessReply::Kind;

constexpr size_t kMaxReasonBytes = 200;

// The witness's own line among those in `body`.
WitnessReply ReadCosignature(const WitnessQuestion& question,
                             const std::string& body) {
  const absl::StatusOr<crypto::Note> asked =
      crypto::ParseNote(question.checkpoint);
  const absl::StatusOr<crypto::Note> answered =
      asked.ok() ? crypto::ParseNote(absl::StrCat(asked->text, "\n", body))
                 : asked.status();
  if (!answered.ok()) {
    return {.kind = Kind::kInvalid,
            .why = std::string(answered.status().message())};
  }
  const auto cosigned =
      crypto::VerifyCosignatures(*answered, {&question.key, 1});
  if (!cosigned.ok()) {
    return {.kind = Kind::kInvalid,
            .why = std::string(cosigned.status().message())};
  }
  for (const crypto::NoteSignature& line : answered->signatures) {
    if (cosigned->empty() || !line.ClaimsToBeBy(question.key)) continue;
    return {.kind = Kind::kCosigned,
            .line = crypto::FormatNoteSignature(line),
            .time = cosigned->front().time,
            .size = question.size};
  }
  return {.kind = Kind::kInvalid, .why = "no line of its key is in the answer"};
}

WitnessReply ReadSize(const WitnessQuestion& question, absl::string_view body) {
  const absl::string_view text = absl::StripSuffix(body, "\n");
  uint64_t size = 0;
  if (!absl::SimpleAtoi(text, &size) || absl::StrCat(size) != text) {
    return {.kind = Kind::kInvalid, .why = "a conflict without a size"};
  }
  if (size > question.size) {
    return {.kind = Kind::kAhead,
            .size = size,
            .why = absl::StrCat("it cosigned ", size,
                                " entries and the ledger had ", question.size,
                                ": was the ledger put back?")};
  }
  if (size == question.old_size) {
    return {.kind = Kind::kInvalid, .why = "a conflict with the size it has"};
  }
  return {.kind = Kind::kOtherSize, .size = size};
}

}  // namespace

absl::string_view WitnessReplyName(Kind kind) {
  switch (kind) {
    case Kind::kCosigned:
      return "cosigned";
    case Kind::kOtherSize:
      return "other_size";
    case Kind::kAhead:
      return "ahead";
    case Kind::kRefused:
      return "refused";
    case Kind::kInvalid:
      return "invalid";
    case Kind::kUnreachable:
      return "unreachable";
  }
  return "";
}

WitnessReply AskWitness(WitnessPort& port, const WitnessQuestion& question) {
  crypto::AddCheckpoint request;
  request.old_size = question.old_size;
  request.proof = question.proof;
  request.checkpoint = question.checkpoint;
  const absl::StatusOr<WitnessPort::Answer> answer =
      port.Post(absl::StrCat(question.url, "/add-checkpoint"),
                crypto::FormatAddCheckpoint(request));
  if (!answer.ok()) {
    return {.kind = Kind::kUnreachable,
            .why = std::string(answer.status().message())};
  }
  if (answer->status == 200) return ReadCosignature(question, answer->body);
  if (answer->status == 409) return ReadSize(question, answer->body);
  return {
      .kind = answer->status >= 500 ? Kind::kUnreachable : Kind::kRefused,
      .why = absl::StrCat("HTTP ", answer->status, " ",
                          policy::PrintableStart(
                              absl::StripTrailingAsciiWhitespace(answer->body),
                              kMaxReasonBytes))};
}

}  // namespace entente::broker
