#include "crypto/tlog_policy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"

namespace entente::crypto {

// Reads line by line into a policy.
class TlogPolicyReader {
 public:
  absl::StatusOr<TlogPolicy> Read(absl::string_view text) {
    if (text.size() > kMaxTlogPolicyBytes) {
      return absl::InvalidArgumentError("tlog policy: too long");
    }
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      ++line_;
      line = line.substr(0, line.find('#'));
      const std::vector<absl::string_view> words =
          absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
      if (words.empty()) continue;
      if (absl::Status read = ReadLine(words); !read.ok()) return read;
    }
    if (policy_.logs_.empty()) return Wrong("there is no line `log`");
    if (!has_quorum_) return Wrong("there is no line `quorum`");
    return std::move(policy_);
  }

 private:
  using Words = std::vector<absl::string_view>;

  absl::Status Wrong(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(line_, ": ", what));
  }

  absl::Status ReadLine(const Words& words) {
    if (words[0] == "log") return ReadLog(words);
    if (words[0] == "witness") return ReadWitness(words);
    if (words[0] == "group") return ReadGroup(words);
    if (words[0] == "quorum") return ReadQuorum(words);
    return Wrong(absl::StrCat("\"", words[0],
                              "\" is not known (log, witness, group, quorum)"));
  }

  // The key `text` of type `type`, which nothing above has.
  absl::StatusOr<NoteKey> ReadKey(absl::string_view text, NoteKeyType type) {
    absl::StatusOr<NoteKey> key = NoteKey::Parse(text);
    if (!key.ok()) return Wrong(key.status().message());
    if (key->type() != type) {
      return Wrong(type == NoteKeyType::kEd25519
                       ? "that is not a log's key"
                       : "that is not a witness's key (type 4)");
    }
    if (!keys_.insert(key->ToString()).second) {
      return Wrong("that key is above already");
    }
    return key;
  }

  absl::Status ReadLog(const Words& words) {
    if (words.size() != 2 && words.size() != 3) {
      return Wrong("expected: log <vkey> [url]");
    }
    absl::StatusOr<NoteKey> key = ReadKey(words[1], NoteKeyType::kEd25519);
    if (!key.ok()) return key.status();
    policy_.logs_.push_back(
        {*std::move(key), words.size() == 3 ? std::string(words[2]) : ""});
    return absl::OkStatus();
  }

  // A new witness or group of that name.
  absl::StatusOr<TlogPolicy::Member*> Define(absl::string_view name) {
    if (name == "none") return Wrong("`none` cannot be a name");
    if (Find(name) != TlogPolicy::kNone) {
      return Wrong(absl::StrCat("\"", name, "\" is defined above already"));
    }
    if (policy_.members_.size() == kMaxTlogPolicyNames) {
      return Wrong("more than 100 witnesses and groups");
    }
    TlogPolicy::Member& made = policy_.members_.emplace_back();
    made.name = std::string(name);
    return &made;
  }

  int Find(absl::string_view name) const {
    for (size_t i = 0; i < policy_.members_.size(); ++i) {
      if (policy_.members_[i].name == name) return static_cast<int>(i);
    }
    return TlogPolicy::kNone;
  }

  absl::Status ReadWitness(const Words& words) {
    if (words.size() != 3 && words.size() != 4) {
      return Wrong("expected: witness <name> <vkey> [url]");
    }
    absl::StatusOr<NoteKey> key = ReadKey(words[2], NoteKeyType::kCosignature);
    if (!key.ok()) return key.status();
    const absl::StatusOr<TlogPolicy::Member*> made = Define(words[1]);
    if (!made.ok()) return made.status();
    (*made)->witness = static_cast<int>(policy_.witnesses_.size());
    policy_.witnesses_.push_back(
        {std::string(words[1]), *std::move(key),
         words.size() == 4 ? std::string(words[3]) : ""});
    return absl::OkStatus();
  }

  absl::Status ReadGroup(const Words& words) {
    if (words.size() < 4) {
      return Wrong("expected: group <name> all|any|<k> <name>…");
    }
    std::vector<int> members;
    for (const absl::string_view name : absl::MakeConstSpan(words).subspan(3)) {
      const int member = Find(name);
      if (member == TlogPolicy::kNone) {
        return Wrong(absl::StrCat("\"", name, "\" is not defined above"));
      }
      if (std::exchange(policy_.members_[static_cast<size_t>(member)].is_taken,
                        true)) {
        return Wrong(absl::StrCat("\"", name, "\" is in a group already"));
      }
      members.push_back(member);
    }
    size_t needed = 0;
    if (words[2] == "all") {
      needed = members.size();
    } else if (words[2] == "any") {
      needed = 1;
    } else if (!absl::SimpleAtoi(words[2], &needed) ||
               absl::StrCat(needed) != words[2] || needed < 1 ||
               needed > members.size()) {
      return Wrong(absl::StrCat("expected all, any, or 1 to ", members.size()));
    }
    const absl::StatusOr<TlogPolicy::Member*> made = Define(words[1]);
    if (!made.ok()) return made.status();
    (*made)->members = std::move(members);
    (*made)->needed = needed;
    return absl::OkStatus();
  }

  absl::Status ReadQuorum(const Words& words) {
    if (words.size() != 2) return Wrong("expected: quorum <name>|none");
    if (std::exchange(has_quorum_, true)) return Wrong("a second quorum");
    if (words[1] == "none") return absl::OkStatus();
    policy_.quorum_ = Find(words[1]);
    return policy_.quorum_ != TlogPolicy::kNone
               ? absl::OkStatus()
               : Wrong(absl::StrCat("\"", words[1], "\" is not defined above"));
  }

  TlogPolicy policy_;
  std::set<std::string> keys_;
  int line_ = 0;
  bool has_quorum_ = false;
};

absl::StatusOr<TlogPolicy> TlogPolicy::Parse(absl::string_view text) {
  return TlogPolicyReader().Read(text);
}

bool TlogPolicy::Satisfied(int member,
                           const std::set<std::string>& names) const {
  const Member& one = members_[static_cast<size_t>(member)];
  if (one.witness != kNone) return names.count(one.name) != 0;
  const auto satisfied =
      std::count_if(one.members.begin(), one.members.end(),
                    [&](int each) { return Satisfied(each, names); });
  return static_cast<size_t>(satisfied) >= one.needed;
}

bool TlogPolicy::IsQuorum(const std::set<std::string>& names) const {
  return quorum_ == kNone || Satisfied(quorum_, names);
}

absl::StatusOr<Witnessed> TlogPolicy::Open(absl::string_view note) const {
  const absl::StatusOr<Note> parsed = ParseNote(note);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<Checkpoint> checkpoint = ParseCheckpointText(parsed->text);
  if (!checkpoint.ok()) return checkpoint.status();
  std::vector<NoteKey> of_log;
  for (const PolicyLog& log : logs_) {
    if (log.key.name() == checkpoint->origin) of_log.push_back(log.key);
  }
  if (absl::Status by_log = VerifyNote(*parsed, of_log); !by_log.ok()) {
    return by_log;
  }
  std::vector<NoteKey> keys;
  for (const PolicyWitness& witness : witnesses_) keys.push_back(witness.key);
  absl::StatusOr<std::vector<Cosignature>> cosigned =
      VerifyCosignatures(*parsed, keys);
  if (!cosigned.ok()) return cosigned.status();
  std::set<std::string> names;
  std::vector<std::string> missing;
  for (const PolicyWitness& witness : witnesses_) {
    const bool did =
        std::any_of(parsed->signatures.begin(), parsed->signatures.end(),
                    [&](const NoteSignature& line) {
                      return line.ClaimsToBeBy(witness.key);
                    });
    if (did) {
      names.insert(witness.name);
    } else {
      missing.push_back(witness.name);
    }
  }
  if (!IsQuorum(names)) {
    return absl::FailedPreconditionError(
        absl::StrCat("no quorum of witnesses; not among them: ",
                     absl::StrJoin(missing, ", ")));
  }
  return Witnessed{*std::move(checkpoint), *std::move(cosigned)};
}

}  // namespace entente::crypto
