/** @file Roles: who an agent is told to be. */
export { type Aggregation, aggregatorRoleOf, importanceOf, pickRoles, type Role, role, rolesOf } from './role-book.ts'
