#include "client/command_enrol.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/dealings.h"
#include "client/enrolment.h"
#include "client/outgoing_rows.h"
#include "client/pepper_exchange.h"
#include "client/progress.h"
#include "client/refused_rows.h"
#include "client/row_source.h"
#include "client/stop_signal.h"
#include "crypto/hex.h"
#include "crypto/scheme.h"

namespace entente::client {
namespace {

struct EnrolOptions {
  std::string agreement;
  std::string scheme;
  std::vector<std::string> columns;
  std::string reference;
  std::string file;
};

// Where things stand in the input.
struct EnrolColumns {
  std::vector<size_t> identifier;
  size_t reference = 0;
};

absl::StatusOr<EnrolColumns> FindColumns(
    const EnrolOptions& options, const std::vector<std::string>& columns) {
  EnrolColumns found;
  for (const std::string& name : options.columns) {
    const auto at = FindColumn(columns, name, "--column");
    if (!at.ok()) return at.status();
    found.identifier.push_back(*at);
  }
  const auto reference = FindColumn(columns, options.reference, "--ref");
  if (!reference.ok()) return reference.status();
  found.reference = *reference;
  return found;
}

std::vector<Enrollee> Canonical(const EnrolOptions& options,
                                const crypto::Scheme& scheme,
                                const EnrolColumns& columns,
                                const RowBlock& block,
                                std::vector<BadRow>* bad) {
  std::vector<Enrollee> rows;
  for (const Row& row : block.rows) {
    if (row.cells[columns.reference].empty()) {
      bad->push_back({row.number, row.line, options.reference,
                      "the local reference is missing"});
      continue;
    }
    std::vector<absl::string_view> raw;
    for (const size_t column : columns.identifier) {
      raw.push_back(row.cells[column]);
    }
    absl::StatusOr<std::string> identifier = crypto::Canonicalise(scheme, raw);
    if (!identifier.ok()) {
      bad->push_back({row.number, row.line, options.columns.front(),
                      std::string(identifier.status().message())});
      continue;
    }
    rows.push_back({*std::move(identifier), row.cells[columns.reference]});
  }
  return rows;
}

absl::Status CheckOptions(const EnrolOptions& options,
                          const absl::StatusOr<crypto::Scheme>& scheme) {
  if (!scheme.ok()) {
    return UsageError(absl::StrCat("--scheme: ", scheme.status().message()),
                      "nhs/1, pnc/1, name_dob/1 or opaque/1:NAMESPACE");
  }
  if (options.columns.size() == scheme->columns()) return absl::OkStatus();
  return UsageError(
      absl::StrCat(scheme->name, " is made of ", scheme->columns(),
                   " columns, not ", options.columns.size()),
      scheme->columns() == 3
          ? "--column Surname --column Forename --column Birthdate"
          : "give --column once");
}

struct EnrolTotals {
  uint64_t rows = 0;
  uint64_t good = 0;
  EnrolmentCounts counts;
};

// Over all blocks.
absl::Status CountDistinct(const std::vector<Enrollee>& rows,
                           Occurrences* occurrences, uint64_t* distinct) {
  for (const Enrollee& row : rows) {
    const auto count = occurrences->Count(crypto::AsBytes(row.identifier));
    if (!count.ok()) return count.status();
    if (*count == 1) ++*distinct;
  }
  return absl::OkStatus();
}

absl::Status EnrolBlocks(const Dealings& dealings, const EnrolOptions& options,
                         const crypto::Scheme& scheme, RowSource& source,
                         RefusedRows* refused, EnrolTotals* totals) {
  const auto columns = FindColumns(options, source.columns());
  if (!columns.ok()) return columns.status();
  const absl::StatusOr<crypto::Secret> pepper = ObtainPepper(dealings);
  if (!pepper.ok()) return pepper.status();
  const absl::Status resumed = ResumeEnrolments(dealings, *pepper);
  if (!resumed.ok()) return resumed;
  const auto occurrences = dealings.store.BeginCounting();
  if (!occurrences.ok()) return occurrences.status();
  Progress progress(dealings.out.watched(), "enrolled");
  for (bool last = false; !last;) {
    if (absl::Status stop = StopSignal::Check(); !stop.ok()) return stop;
    auto block = source.Next();
    if (!block.ok()) return block.status();
    last = block->last;
    std::vector<BadRow> bad = block->bad;
    const std::vector<Enrollee> rows =
        Canonical(options, scheme, *columns, *block, &bad);
    if (absl::Status kept = refused->Add(bad); !kept.ok()) return kept;
    const auto counts = Enrol(dealings, *pepper, scheme.name, rows);
    if (!counts.ok()) return counts.status();
    const absl::Status counted =
        CountDistinct(rows, occurrences->get(), &totals->counts.identifiers);
    if (!counted.ok()) return counted;
    totals->counts.fresh += counts->fresh;
    totals->good += rows.size();
    totals->rows += block->count;
    progress.Show(totals->rows, source.share_read());
  }
  return absl::OkStatus();
}

absl::Status RunEnrol(Session& session, const EnrolOptions& options) {
  const absl::StatusOr<crypto::Scheme> scheme =
      crypto::ParseScheme(options.scheme);
  if (absl::Status s = CheckOptions(options, scheme); !s.ok()) return s;
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  if (profile->settings().role != ProfileRole::kSystem) {
    return UsageError("only an agency's system enrols",
                      "use the system's profile: --profile");
  }
  const auto source = RowSource::Open(options.file, &session.in());
  if (!source.ok()) return source.status();
  const auto store = LocalStore::Open(*profile);
  if (!store.ok()) return store.status();
  const auto link = BrokerLink::Open(*profile);
  if (!link.ok()) return link.status();
  const auto verified = FetchVerified(**link, *profile, &(*store)->knowledge(),
                                      options.agreement, 0);
  if (!verified.ok()) return verified.status();
  const auto key = LedgerKey(*profile, verified->id());
  if (!key.ok()) return key.status();
  LedgerView view(&(*store)->knowledge(), verified->id(), *key);
  const StopSignal stop;
  RefusedRows refused(options.file);
  EnrolTotals totals;
  const absl::Status enrolled =
      EnrolBlocks({*profile, **link, **store, *verified, view, session.out()},
                  options, *scheme, **source, &refused, &totals);
  // What is on disk tells the truth also when it stopped half way.
  const absl::Status kept = refused.Keep();
  if (!enrolled.ok()) return enrolled;
  if (!kept.ok()) return kept;
  session.out().Print(
      {{"agreement", verified->id()},
       {"scheme", scheme->name},
       {"rows", totals.rows},
       {"enrolled", totals.counts.identifiers},
       {"new", totals.counts.fresh},
       {"refused_rows", refused.count()},
       {"refused_file",
        refused.count() == 0 ? Value() : Value(refused.path())}});
  return refused.Verdict(totals.good);
}

}  // namespace

void RegisterEnrol(Command& root) {
  auto options = std::make_shared<EnrolOptions>();
  EnrolOptions* o = options.get();
  root.Sub("enrol", "Makes pseudonyms of an agency's own identifiers",
           "entente enrol --agreement isa-wessex --scheme nhs/1 "
           "--column NHS_Number --ref Patient_ID patients.csv")
      .Required("--agreement", "ID", "Under which agreement", &o->agreement)
      .Required("--scheme", "SCHEME",
                "nhs/1, pnc/1, name_dob/1 or opaque/1:NAMESPACE", &o->scheme)
      .Repeated("--column", "COLUMN",
                "Where the identifier stands; for name_dob/1 three times: "
                "surname, forename, birth date",
                &o->columns)
      .Required("--ref", "COLUMN", "The agency's own reference to the person",
                &o->reference)
      .Positional("FILE", "CSV, JSON Lines, or - for CSV from standard input",
                  &o->file)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return RunEnrol(session, *options);
      });
}

}  // namespace entente::client
