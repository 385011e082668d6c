import { sqliteBench } from './temp';
import { runStoreConformance } from './conformance';

runStoreConformance('SQLite', sqliteBench);
