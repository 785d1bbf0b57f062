#ifndef ENTENTE_POLICY_READER_H_
#define ENTENTE_POLICY_READER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "policy/agreement.h"
#include "policy/map_reader.h"
#include "policy/node.h"
#include "policy/reporter.h"

// The schema of a sharing agreement: which keys there are, which must be
// there, and what each may hold by itself. What they may say to each other is
// checked after (policy/cross_check.h).
namespace entente::policy {

inline constexpr size_t kMaxParties = 40;
inline constexpr size_t kMaxPurposes = 100;
inline constexpr size_t kMaxDatasets = 100;
inline constexpr size_t kMaxFields = 300;  // of a data set
inline constexpr size_t kMaxLists = 100;
inline constexpr size_t kMaxListValues = 1000;
inline constexpr size_t kMaxFlows = 200;
inline constexpr size_t kMaxRows = 20;  // rules of a flow

// Reads the tree under `root`, reports every error to `reporter` and notes in
// each scalar what it is in the canonical form. What has an error is left at
// its default, but everything named is there under its name. Only a result
// without an error is an agreement.
Agreement ReadAgreement(Node* root, Reporter* reporter);

// The parts of it, each under the key of its name in `top`.
void ReadParties(MapReader* top, Agreement* agreement);
void ReadLawfulBasis(MapReader* top, std::vector<LawfulBasis>* out);
void ReadLists(MapReader* top, std::map<std::string, List>* out);
void ReadDatasets(MapReader* top, std::map<std::string, Dataset>* out);
void ReadFlows(MapReader* top, std::vector<Flow>* out);
void ReadTreatment(Node* node, const Path& path, Reporter* reporter,
                   Treatment* out);
void ReadRowRule(Node* node, const Path& path, Reporter* reporter,
                 RowRule* out);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_READER_H_
