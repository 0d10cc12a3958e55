import type { ReactNode } from "react";
import { ROLE_NAMES } from "./accounts";
import { SelectField } from "./fields";
import type { Role } from "./queries";
import { ROLES } from "./search";

/** Which role somebody has. */
export function RoleField({
  value,
  set,
  ...rest
}: {
  value: Role;
  set: (role: Role) => void;
  error: string | undefined;
  hint?: ReactNode;
  disabled?: boolean;
}) {
  return (
    <SelectField
      label="Role"
      value={value}
      onChange={({ target }) => set(ROLES.find((role) => role === target.value) ?? value)}
      {...rest}
    >
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {ROLE_NAMES[role]}
        </option>
      ))}
    </SelectField>
  );
}
