/** Finds the project's folder from wherever the compiled tests lie. */
export { packageRoot } from '../e2e/support/package-root';
