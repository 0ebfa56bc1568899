/** Entry of the dashboard. */
import './style/tokens.css';
