#include "client/enrolment_state.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "crypto/encoding.h"
#include "crypto/hex.h"
#include "crypto/voprf.h"

namespace entente::client {
namespace {

absl::StatusOr<std::string> Text(crypto::ByteReader* reader) {
  const auto text = reader->Lp();
  if (!text.ok()) return text.status();
  return std::string(text->begin(), text->end());
}

absl::Status ReadPerson(crypto::ByteReader* reader, PendingRequest* request) {
  const auto bytes = reader->Raw(crypto::kScalarBytes);
  if (!bytes.ok()) return bytes.status();
  const auto blind = crypto::SecretScalar::Parse(*bytes);
  if (!blind.ok()) return blind.status();
  request->blinds.push_back(*blind);
  absl::StatusOr<std::string> identifier = Text(reader);
  if (!identifier.ok()) return identifier.status();
  request->identifiers.push_back(*std::move(identifier));
  const absl::StatusOr<uint32_t> references = reader->U32();
  if (!references.ok()) return references.status();
  request->references.emplace_back();
  for (uint32_t i = 0; i < *references; ++i) {
    absl::StatusOr<std::string> reference = Text(reader);
    if (!reference.ok()) return reference.status();
    request->references.back().push_back(*std::move(reference));
  }
  return absl::OkStatus();
}

absl::Status Read(absl::Span<const uint8_t> state, PendingRequest* request) {
  crypto::ByteReader reader(state);
  const auto id = reader.Raw(request->request_id.size());
  if (!id.ok()) return id.status();
  std::copy(id->begin(), id->end(), request->request_id.begin());
  absl::StatusOr<std::string> scheme = Text(&reader);
  if (!scheme.ok()) return scheme.status();
  request->scheme = *std::move(scheme);
  const absl::StatusOr<uint32_t> epoch = reader.U32();
  if (!epoch.ok()) return epoch.status();
  request->epoch = *epoch;
  const absl::StatusOr<uint32_t> count = reader.U32();
  if (!count.ok()) return count.status();
  for (uint32_t i = 0; i < *count; ++i) {
    const absl::Status person = ReadPerson(&reader, request);
    if (!person.ok()) return person;
  }
  return reader.ExpectEnd();
}

}  // namespace

std::string RequestName(const PendingRequest& request) {
  return crypto::ToHex(request.request_id);
}

absl::Status PutPendingRequest(const std::string& agreement,
                               const PendingRequest& request,
                               PseudonymTable* table) {
  crypto::ByteWriter writer;
  writer.Raw(request.request_id)
      .Lp(request.scheme)
      .U32(request.epoch)
      .U32(static_cast<uint32_t>(request.identifiers.size()));
  for (size_t i = 0; i < request.identifiers.size(); ++i) {
    writer.Raw(request.blinds[i].Expose())
        .Lp(request.identifiers[i])
        .U32(static_cast<uint32_t>(request.references[i].size()));
    for (const std::string& reference : request.references[i]) {
      writer.Lp(reference);
    }
  }
  absl::StatusOr<crypto::Bytes> state = writer.Finish();
  if (!state.ok()) return state.status();
  PendingEnrolment pending = {RequestName(request), agreement,
                              *std::move(state)};
  const absl::Status put = table->PutPending(pending);
  sodium_memzero(pending.state.data(), pending.state.size());
  return put;
}

absl::StatusOr<std::vector<PendingRequest>> PendingRequests(
    absl::string_view agreement, PseudonymTable* table) {
  absl::StatusOr<std::vector<PendingEnrolment>> stored =
      table->Pending(agreement);
  if (!stored.ok()) return stored.status();
  std::vector<PendingRequest> requests;
  for (PendingEnrolment& pending : *stored) {
    PendingRequest request;
    const absl::Status read = Read(pending.state, &request);
    sodium_memzero(pending.state.data(), pending.state.size());
    if (!read.ok()) {
      return absl::DataLossError("a stored enrolment cannot be read");
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace entente::client
