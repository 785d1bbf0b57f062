#include "client/delivery.h"

#include <utility>
#include <variant>

#include "client/output.h"

namespace entente::client {
namespace {

using Text = std::optional<std::string>;

const Value* Find(const Record& record, absl::string_view name) {
  for (const auto& [key, value] : record) {
    if (key == name) return &value;
  }
  return nullptr;
}

const Record* RecordOf(const Value* value) {
  return value == nullptr ? nullptr : std::get_if<Record>(&value->of);
}

Text TextOf(const Value* value) {
  if (value == nullptr) return std::nullopt;
  const auto* text = std::get_if<std::string>(&value->of);
  return text == nullptr ? Text() : Text(*text);
}

absl::Status WrongForm() {
  return absl::InternalError("an opened record is not of the form promised");
}

absl::StatusOr<std::optional<Pseudonym>> PseudonymOf(const Value& value) {
  const Record* const record = RecordOf(&value);
  if (record == nullptr) return WrongForm();
  const Text printed = TextOf(Find(*record, "pseudonym"));
  if (!printed.has_value()) return std::optional<Pseudonym>();
  Pseudonym pseudonym = {*printed, {}};
  const Value* const matches = Find(*record, "matches");
  const auto* list = matches == nullptr
                         ? nullptr
                         : std::get_if<std::vector<Value>>(&matches->of);
  if (list == nullptr) return WrongForm();
  for (const Value& match : *list) {
    const Text reference = TextOf(&match);
    if (!reference.has_value()) return WrongForm();
    pseudonym.matches.push_back(*reference);
  }
  return std::optional<Pseudonym>(std::move(pseudonym));
}

absl::StatusOr<ReceivedRecord> RecordFrom(const Record& opened) {
  const Record* const fields = RecordOf(Find(opened, "fields"));
  const Record* const pseudonyms = RecordOf(Find(opened, "pseudonyms"));
  if (fields == nullptr || pseudonyms == nullptr) return WrongForm();
  ReceivedRecord record;
  for (const auto& [name, value] : *fields) {
    record.fields[name] = TextOf(&value);
  }
  for (const auto& [name, value] : *pseudonyms) {
    auto pseudonym = PseudonymOf(value);
    if (!pseudonym.ok()) return pseudonym.status();
    record.pseudonyms[name] = *std::move(pseudonym);
  }
  return record;
}

}  // namespace

absl::StatusOr<Delivery> ToDelivery(const std::string& batch,
                                    const std::string& sender,
                                    const OpenedBatch& opened) {
  Delivery delivery;
  delivery.batch = batch;
  delivery.sender = sender;
  for (const Record& one : opened.records) {
    absl::StatusOr<ReceivedRecord> record = RecordFrom(one);
    if (!record.ok()) return record.status();
    delivery.records.push_back(*std::move(record));
    delivery.flow = TextOf(Find(one, "flow")).value_or("");
    delivery.purpose = TextOf(Find(one, "purpose")).value_or("");
    delivery.break_glass = TextOf(Find(one, "break_glass")).value_or("");
  }
  return delivery;
}

absl::StatusOr<std::string> HandlerSink::Take(const std::string& batch,
                                              const std::string& sender,
                                              const OpenedBatch& opened) {
  const absl::StatusOr<Delivery> delivery = ToDelivery(batch, sender, opened);
  if (!delivery.ok()) return delivery.status();
  const absl::Status kept = handler_(*delivery);
  // What refuses one batch alone is DataLoss to the receiver.
  if (absl::IsInvalidArgument(kept)) return absl::DataLossError(kept.message());
  if (!kept.ok()) return kept;
  return std::string();
}

}  // namespace entente::client
