#include "client/sending.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/batch_builder.h"
#include "client/csv_writer.h"
#include "client/key_sets.h"
#include "client/shift_key.h"
#include "client/stop_signal.h"
#include "crypto/hex.h"

namespace entente::client {

absl::StatusOr<std::unique_ptr<Sending>> Sending::Begin(
    const Dealings& dealings, const SendingOptions& options,
    SendTotals* totals) {
  const absl::StatusOr<KeptCheckpoint> view = dealings.view.Known();
  if (!view.ok()) return view.status();
  std::shared_ptr<const policy::DayShift> shift;
  // Planning says what is wrong with an unknown flow.
  if (const auto* flow = dealings.verified.FindFlow(options.request.flow)) {
    auto opened = OpenDayShift(dealings.profile, *flow);
    if (!opened.ok()) return opened.status();
    shift = *std::move(opened);
  }
  absl::StatusOr<SendPlan> plan =
      PlanSending(dealings.verified, *view, dealings.link.Now(),
                  options.request, std::move(shift));
  if (!plan.ok()) return plan.status();
  absl::StatusOr<KeySet> keys =
      KeysOf(dealings.profile,
             dealings.verified.FindBundle(dealings.profile.settings().agency));
  if (!keys.ok()) return keys.status();
  // What went out without a grant held less.
  std::map<std::string, std::string> scope = options.request.accompanying;
  if (options.request.grant.has_value()) {
    scope["break_glass"] = options.request.grant->id;
  }
  auto sent_rows = dealings.store.BeginSending(
      {dealings.verified.id(), options.request.flow, options.request.recipient,
       options.request.purpose, std::move(scope)});
  if (!sent_rows.ok()) return sent_rows.status();
  return std::unique_ptr<Sending>(
      new Sending(dealings, options, *std::move(plan), std::move(keys->batch),
                  *std::move(sent_rows), totals));
}

Sending::Sending(const Dealings& dealings, SendingOptions options,
                 SendPlan plan, crypto::SigningKey key,
                 std::unique_ptr<SentRows> sent_rows, SendTotals* totals)
    : dealings_(dealings),
      options_(std::move(options)),
      plan_(std::move(plan)),
      key_(std::move(key)),
      sent_rows_(std::move(sent_rows)),
      totals_(*totals) {}

absl::Status Sending::Add(const RowBlock& block, std::vector<BadRow>* refused) {
  auto released = ReleaseRows(plan_.rows, dealings_.verified.id(),
                              dealings_.verified.manifest.epoch, options_.map,
                              block, &dealings_.store.pseudonyms());
  if (!released.ok()) return released.status();
  refused->insert(refused->end(), released->refused.begin(),
                  released->refused.end());
  for (size_t i = 0; i < released->records.size(); ++i) {
    absl::StatusOr<crypto::Bytes> key =
        sent_rows_->NextKey(released->contents[i]);
    if (!key.ok()) return key.status();
    if (!options_.again) {
      const absl::StatusOr<bool> before = sent_rows_->WasSent(*key);
      if (!before.ok()) return before.status();
      if (*before) {
        ++totals_.sent_before;
        continue;
      }
    }
    waiting_.push_back(std::move(released->records[i]));
    keys_.push_back(*std::move(key));
  }
  return SendFull(/*rest=*/false);
}

absl::Status Sending::SendFull(bool rest) {
  while (!waiting_.empty()) {
    if (absl::Status stop = StopSignal::Check(); !stop.ok()) return stop;
    const auto chunks = PlanChunks(plan_.route, waiting_);
    if (!chunks.ok()) return chunks.status();
    size_t count = 0;
    for (const uint32_t chunk : *chunks) count += chunk;
    // A batch that has room waits for more rows.
    if (!rest && count == waiting_.size()) return absl::OkStatus();
    if (absl::Status sent = SendFirst(count, *chunks); !sent.ok()) return sent;
  }
  return absl::OkStatus();
}

absl::Status Sending::SendFirst(size_t count,
                                const std::vector<uint32_t>& chunks) {
  const auto records =
      absl::Span<const OutgoingRecord>(waiting_).subspan(0, count);
  const auto built =
      BuildBatch(plan_.route, key_, dealings_.link.Now(), records, chunks);
  if (!built.ok()) return built.status();
  const absl::Status put = dealings_.store.exchange().PutOutgoing(
      built->batch, absl::Span<const crypto::Bytes>(keys_).subspan(0, count));
  if (!put.ok()) return put;
  absl::StatusOr<SentBatch> sent = SendStored(dealings_, built->batch.batch_id);
  if (!sent.ok()) return sent.status();
  totals_.sent += sent->records;
  totals_.batches.push_back(*std::move(sent));
  waiting_.erase(waiting_.begin(),
                 waiting_.begin() + static_cast<ptrdiff_t>(count));
  keys_.erase(keys_.begin(), keys_.begin() + static_cast<ptrdiff_t>(count));
  return WriteJournal(*built);
}

absl::Status Sending::WriteJournal(const BuiltBatch& built) {
  if (options_.journal == nullptr) return absl::OkStatus();
  const std::string id = crypto::ToHex(built.batch.batch_id);
  std::string lines;
  for (size_t i = 0; i < built.rows.size(); ++i) {
    absl::StrAppend(
        &lines, CsvLine({absl::StrCat(built.rows[i]), built.batch.recipient, id,
                         absl::StrCat(i)}));
  }
  return options_.journal->Append(lines);
}

}  // namespace entente::client
