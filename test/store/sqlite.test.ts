import { sqliteBench } from './temp';
import { runArchiveConformance } from './archive-conformance';
import { runStoreConformance } from './conformance';

runStoreConformance('SQLite', sqliteBench);
runArchiveConformance('SQLite', sqliteBench);
